using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Taproom;
using Taproom.Store;

namespace Dashboard.Web.Access;

/// <summary>Encrypts what every replica of the page, and Ingest.Api, must be able to read: with the keys in Postgres.</summary>
/// <remarks>
/// Pages for visitors need keys too, and are shown while Postgres is away. Until the keys have been read once, those of this process stand in:
/// what they encrypt, no other replica reads. A visitor whose cookie cannot be read meanwhile is taken for one who has not signed in.
/// </remarks>
internal sealed class SharedKeys : IDataProtectionProvider, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly ServiceProvider _services;
    private readonly IDataProtectionProvider _shared;
    private readonly EphemeralDataProtectionProvider _own;
    private readonly Lock _lock = new();
    private Task<bool>? _reading;
    private long _askedAt;
    private volatile bool _hasFailed;

    /// <summary>Reads the keys once they are needed.</summary>
    public SharedKeys(IServiceProvider services, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _own = new EphemeralDataProtectionProvider(loggers);
        var keys = new ServiceCollection();
        keys.AddSingleton(loggers);
        // The name that Ingest.Api has, too.
        keys.AddDataProtection().SetApplicationName("Taproom");
        keys.Configure<KeyManagementOptions>(options => options.XmlRepository = new EntityFrameworkCoreXmlRepository<TaproomDb>(services, loggers));
        _services = keys.BuildServiceProvider();
        _shared = _services.GetRequiredService<IDataProtectionProvider>();
    }

    public IDataProtector CreateProtector(string purpose) => new Protector(this, _shared.CreateProtector(purpose), _own.CreateProtector(purpose));

    public void Dispose() => _services.Dispose();

    // Who asks first waits a little. Once it is known that Postgres is away nobody does, and it is asked again beside.
    private bool AreRead()
    {
        Task<bool> reading;
        lock (_lock)
        {
            if (_reading is { IsCompleted: true, Result: false } && _time.GetElapsedTime(_askedAt) > Pause)
            {
                _reading = null;
            }

            if (_reading is null)
            {
                _askedAt = _time.GetTimestamp();
                _reading = Task.Run(Read);
            }

            reading = _reading;
        }

        var left = Deadlines.Answer - _time.GetElapsedTime(_askedAt);
        return (reading.IsCompleted || (!_hasFailed && left > TimeSpan.Zero && reading.Wait(left))) && reading.Result;
    }

    // The keys stay in memory from then on, and are read anew by themselves.
    private bool Read()
    {
        try
        {
            _shared.CreateProtector(nameof(SharedKeys)).Protect([]);
            return true;
        }
        catch (CryptographicException)
        {
            // Said in the log by the library.
            _hasFailed = true;
            return false;
        }
    }

    private sealed class Protector(SharedKeys keys, IDataProtector shared, IDataProtector own) : IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => new Protector(keys, shared.CreateProtector(purpose), own.CreateProtector(purpose));

        public byte[] Protect(byte[] plaintext) => (keys.AreRead() ? shared : own).Protect(plaintext);

        public byte[] Unprotect(byte[] protectedData)
        {
            if (!keys.AreRead())
            {
                return own.Unprotect(protectedData);
            }

            try
            {
                return shared.Unprotect(protectedData);
            }
            catch (CryptographicException)
            {
                // Of a page that was opened before the keys were read.
                return own.Unprotect(protectedData);
            }
        }
    }
}

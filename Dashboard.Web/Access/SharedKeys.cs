using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom;
using Taproom.Store;

namespace Dashboard.Web.Access;

/// <summary>Encrypts what every replica of the page, and Ingest.Api, must be able to read: with the keys in Postgres.</summary>
/// <remarks>
/// Pages for visitors need keys too, and are shown while Postgres is away. Until the keys have been read once, those of this process stand in:
/// what they encrypt, no other replica reads. Whether a visitor has signed in is not known then (<see cref="UnknownVisitor"/>), nobody is signed
/// in, and the service is not ready.
/// </remarks>
internal sealed class SharedKeys : IDataProtectionProvider, IHealthCheck, IDisposable
{
    /// <summary>How long after a failure they are read again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private readonly IServiceProvider _host;
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
        (_host, _time) = (services, time);
        _own = new EphemeralDataProtectionProvider(loggers);
        var keys = new ServiceCollection();
        keys.AddSingleton(loggers);
        // The name that Ingest.Api has, too.
        keys.AddDataProtection().SetApplicationName("Taproom");
        keys.Configure<KeyManagementOptions>(options => options.XmlRepository = new EntityFrameworkCoreXmlRepository<TaproomDb>(services, loggers));
        _services = keys.BuildServiceProvider();
        _shared = _services.GetRequiredService<IDataProtectionProvider>();
    }

    /// <summary>Whether they are read by now.</summary>
    /// <param name="patience">How long after they were asked for the answer may come; null for a little, and not at all once Postgres is known to be away.</param>
    public async Task<bool> AreReadAsync(TimeSpan? patience = null)
    {
        var (reading, left) = Ask(patience);
        if (!reading.IsCompleted && left > TimeSpan.Zero)
        {
            await ((Task)reading).WaitAsync(left, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return reading is { IsCompleted: true, Result: true };
    }

    public IDataProtector CreateProtector(string purpose) => new Protector(this, _shared.CreateProtector(purpose), _own.CreateProtector(purpose));

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await AreKnownAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The keys in Postgres are not read yet.");

    public void Dispose() => _services.Dispose();

    // Where there are none yet, nobody has a cookie; they are made once they are needed, and not by all services as they start.
    private async Task<bool> AreKnownAsync(CancellationToken cancellationToken)
    {
        if (_reading is { IsCompletedSuccessfully: true, Result: true })
        {
            return true;
        }

        await using var scope = _host.CreateAsyncScope();
        return !await scope.ServiceProvider.GetRequiredService<TaproomDb>().DataProtectionKeys.AnyAsync(cancellationToken) || await AreReadAsync();
    }

    private bool AreRead()
    {
        var (reading, left) = Ask();
        return (reading.IsCompleted || (left > TimeSpan.Zero && reading.Wait(left))) && reading.Result;
    }

    // Who asks first waits a little. Once it is known that Postgres is away nobody does, and it is asked again beside.
    private (Task<bool> Reading, TimeSpan Left) Ask(TimeSpan? patience = null)
    {
        lock (_lock)
        {
            if (_reading is { IsCompleted: true, Result: false } && _time.GetElapsedTime(_askedAt) > Pause)
            {
                _reading = null;
            }

            if (_reading is null)
            {
                _askedAt = _time.GetTimestamp();
                // A thread of its own: on a busy machine the others may all be waiting for this.
                _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            return (_reading, (patience ?? (_hasFailed ? TimeSpan.Zero : Deadlines.Answer)) - _time.GetElapsedTime(_askedAt));
        }
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

using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Taproom.Store;

namespace Dashboard.Web.Access;

/// <summary>Encrypts what every replica of the page, and Ingest.Api, must be able to read: with the keys in Postgres.</summary>
/// <remarks>
/// Not the keys of the whole service, which pages for visitors need too: those are shown while Postgres is away. A visitor whose cookie
/// cannot be read meanwhile is taken for one who has not signed in.
/// </remarks>
internal sealed class SharedKeys : IDisposable
{
    private readonly ServiceProvider _services;

    /// <summary>Reads the keys once they are needed.</summary>
    public SharedKeys(IServiceProvider services, ILoggerFactory loggers)
    {
        var keys = new ServiceCollection();
        keys.AddSingleton(loggers);
        // The name that Ingest.Api has, too.
        keys.AddDataProtection().SetApplicationName("Taproom");
        keys.Configure<KeyManagementOptions>(options => options.XmlRepository = new EntityFrameworkCoreXmlRepository<TaproomDb>(services, loggers));
        _services = keys.BuildServiceProvider();
        Provider = _services.GetRequiredService<IDataProtectionProvider>();
    }

    /// <summary>Makes protectors with these keys.</summary>
    public IDataProtectionProvider Provider { get; }

    /// <inheritdoc />
    public void Dispose() => _services.Dispose();
}

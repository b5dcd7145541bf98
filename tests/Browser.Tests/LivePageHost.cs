using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Ingest;
using Taproom.Store;
using Taproom.Testing;

namespace Browser.Tests;

/// <summary>Dashboard.Web on a real port, over the collection's servers.</summary>
internal sealed class LivePageHost : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string?> _settings;
    private readonly int _port;

    private LivePageHost(Dictionary<string, string?> settings, int port)
    {
        _settings = settings;
        _port = port;
        UseKestrel(port);
        StartServer();
    }

    public string Address => $"http://127.0.0.1:{_port}/";

    public static async Task<LivePageHost> StartAsync(Servers servers)
    {
        var settings = await servers.SettingsAsync();
        settings["Dashboard:TracesUrl"] = "http://localhost:18888/traces";
        await using var db = new TaproomDb(new DbContextOptionsBuilder<TaproomDb>()
            .UseNpgsql(settings["ConnectionStrings:taproomdb"])
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
            .Options);
        await db.Database.MigrateAsync();
        return new LivePageHost(settings, LocalServer.FreePort());
    }

    /// <summary>The service after a restart: a new process in all but name, on the same port, stream and database.</summary>
    public LivePageHost Again() => new(_settings, _port);

    /// <summary>Does what a front door does.</summary>
    public async Task<IngestEntry> AppendAsync(decimal volumeMl, int tapId, string? traceParent = null)
    {
        var entry = new IngestEntry
        {
            Id = Guid.CreateVersion7(),
            Kind = EntryKinds.Pour,
            Tap = tapId.ToString(),
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = Encoding.UTF8.GetBytes($$"""{"volume":{{volumeMl}}}"""),
            TraceParent = traceParent,
        };
        await Services.GetRequiredService<IngestStream>().AppendAsync(entry, CancellationToken.None);
        return entry;
    }

    /// <summary>Does what the worker does.</summary>
    public async Task StoreAsync(IngestEntry entry)
    {
        await using (var scope = Services.CreateAsyncScope())
        {
            Assert.True(PourEntry.TryRead(entry, out var pour, out var reason), reason);
            await scope.ServiceProvider.GetRequiredService<PourStore>().StoreAsync([pour], CancellationToken.None);
        }

        await Services.GetRequiredService<Receipts>().PublishAsync(new Receipt(entry.Tap, [entry.Id]));
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }
    }
}

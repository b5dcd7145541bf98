using Testing;

namespace Benchmarks.Bare;

/// <summary>A bare server that runs.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private readonly Child _child;

    private BareServer(Child child, int port) => (_child, Port) = (child, port);

    /// <summary>Its port on loopback.</summary>
    public int Port { get; }

    /// <summary>Starts an MQTT server.</summary>
    /// <param name="run">The run.</param>
    /// <param name="onKestrel">Whether Kestrel accepts its connections.</param>
    /// <param name="appends">Whether each message is appended to a stream before it is acknowledged; see <see cref="BareStores.ClearAsync"/>.</param>
    public static Task<BareServer> MqttAsync(Run run, bool onKestrel = false, bool appends = false) =>
        StartAsync(run, Roles.BareMqtt, port => new BareMqttOptions(port, onKestrel, Redis(run, appends)));

    /// <summary>Starts an HTTP server.</summary>
    /// <param name="run">The run.</param>
    /// <param name="appends">Whether each beer is appended to a stream before it is answered; see <see cref="BareStores.ClearAsync"/>.</param>
    public static Task<BareServer> HttpAsync(Run run, bool appends = false) =>
        StartAsync(run, Roles.BareHttp, port => new BareHttpOptions(port, Redis(run, appends)));

    /// <summary>Starts a worker for what MQTT servers append.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pours">Where it inserts.</param>
    public static Task<BareServer> WorkerAsync(Run run, PourTable pours) =>
        StartAsync(run, Roles.BareWorker, _ => new BareWorkerOptions(run.Servers.Redis.ConnectionString, pours.ConnectionString));

    private static string? Redis(Run run, bool appends) => appends ? run.Servers.Redis.ConnectionString : null;

    private static async Task<BareServer> StartAsync<T>(Run run, string role, Func<int, T> options)
    {
        var port = LocalServer.FreePort();
        // The services are web projects, which have the server's garbage collection.
        var child = Child.Start(role, options(port), ("DOTNET_gcServer", "1"));
        await child.ReadAsync<BareServerStarted>(run.Stopping);
        return new BareServer(child, port);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _child.DisposeAsync();
}

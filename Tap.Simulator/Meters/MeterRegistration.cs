using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Tap.Simulator.Transports;
using Taproom;

namespace Tap.Simulator.Meters;

/// <summary>Registers the meters at the API once this process can be polled, and tries again until all are registered.</summary>
/// <remarks>A meter that is registered already gets this process's address and password, and keeps its counters.</remarks>
internal sealed partial class MeterRegistration(
    MeterFleet fleet,
    IHttpClientFactory clients,
    IServer server,
    IHostApplicationLifetime lifetime,
    IOptions<MeterOptions> options,
    IOptions<TransportOptions> transport,
    TimeProvider time,
    ILogger<MeterRegistration> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        var address = options.Value.Address?.ToString().TrimEnd('/') ?? OwnAddress();
        var loop = new RetryLoop(transport.Value.MaxBackoff, (ex, _, _) => LogNotRegistered(ex.Message), time);
        await loop.UntilDoneAsync(cancellationToken => RegisterAllAsync(address, cancellationToken), stoppingToken);
        LogRegistered(fleet.Meters.Count, address);
    }

    private async Task RegisterAllAsync(string address, CancellationToken cancellationToken)
    {
        foreach (var meter in fleet.Meters)
        {
            await RegisterAsync(meter, address, cancellationToken);
        }
    }

    private async Task RegisterAsync(SimulatedMeter meter, string address, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(TransportExtensions.ApiClient);
        var post = meter.IsRainforest
            ? new NewMeter(meter.Id, "rainforest", address, fleet.User, fleet.Password)
            : new NewMeter(meter.Id, "json", $"{address}/meters/{meter.Id}", fleet.User, fleet.Password);
        using var answer = await http.PostAsJsonAsync("/api/meters", post, MeterJson.Default.NewMeter, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private string OwnAddress()
    {
        var address = BindingAddress.Parse(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        // An address that stands for every one of the machine cannot be polled.
        var host = address.Host is "*" or "+" or "[::]" or "0.0.0.0" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}";
    }

    [LoggerMessage(LogLevel.Information, "{Count} meters are registered; they are polled at {Address}.")]
    private partial void LogRegistered(int count, string address);

    [LoggerMessage(LogLevel.Warning, "The meters are not registered yet: {Message}")]
    private partial void LogNotRegistered(string message);
}

using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Meters;

/// <summary>Registers the meters at the API once this process can be polled, and tries again until the API has taken them.</summary>
/// <remarks>A meter that is registered already gets this process's address and password, and keeps its counters.</remarks>
internal sealed partial class MeterRegistration(
    MeterPark park,
    IHttpClientFactory clients,
    IServer server,
    IHostApplicationLifetime lifetime,
    IOptions<MeterOptions> options,
    IOptions<SimulatorOptions> simulator,
    TimeProvider time,
    ILogger<MeterRegistration> logger
) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        var address = options.Value.Address?.ToString().TrimEnd('/') ?? OwnAddress();
        var waiting = new Queue<SimulatedMeter>(park.Meters);
        while (waiting.TryPeek(out var meter))
        {
            try
            {
                await RegisterAsync(meter, address, stoppingToken);
                waiting.Dequeue();
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotRegistered(waiting.Count, ex.Message);
                await Task.Delay(simulator.Value.MaxBackoff / 10, time, stoppingToken);
            }
        }

        LogRegistered(park.Meters.Count, address);
    }

    private async Task RegisterAsync(SimulatedMeter meter, string address, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(ApiAddress.Client);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", simulator.Value.AdminKey);
        var post = meter.IsRainforest
            ? new NewMeter(meter.Id, "rainforest", address, park.User, park.Password)
            : new NewMeter(meter.Id, "json", $"{address}/meters/{meter.Id}", park.User, park.Password);
        using var answer = await http.PostAsJsonAsync("/api/meters", post, MeterJson.Default.NewMeter, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private string OwnAddress()
    {
        var address = BindingAddress.Parse(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        // What stands for every address of the machine is none that a poller could ask.
        var host = address.Host is "*" or "+" or "[::]" or "0.0.0.0" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}";
    }

    [LoggerMessage(LogLevel.Information, "{Count} meters are registered; they are polled at {Address}.")]
    private partial void LogRegistered(int count, string address);

    [LoggerMessage(LogLevel.Warning, "{Count} meters are not registered yet: {Message}")]
    private partial void LogNotRegistered(int count, string message);
}

using System.Globalization;
using Microsoft.Extensions.Options;
using Tap.Simulator.Journal;
using Tap.Simulator.Taps;
using Tap.Simulator.Transports;
using Tap.Simulator.Verify;

namespace Tap.Simulator.Evening;

/// <summary>Plays an evening in fast time, checks where it is to be verified that the reports name each cause, and ends the process.</summary>
/// <remarks>The process ends with 0 when they do, or nothing is verified, else with 1.</remarks>
internal sealed partial class EveningRun(
    ITapTransport transport,
    TapRegistration registration,
    IHttpClientFactory clients,
    IHostApplicationLifetime lifetime,
    IOptions<EveningOptions> evening,
    IOptions<SimulatorOptions> options,
    IOptions<VerifyOptions> verify,
    TimeProvider time,
    ILogger<EveningRun> logger
) : BackgroundService
{
    private const int MostConnections = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not good until it is over, however it ends.
        Environment.ExitCode = 1;
        try
        {
            Environment.ExitCode = await RunAsync(stoppingToken) ? 0 : 1;
        }
        catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(ex);
        }

        lifetime.StopApplication();
    }

    private async Task<bool> RunAsync(CancellationToken stoppingToken)
    {
        using var http = clients.CreateClient(TransportExtensions.ApiClient);
        var api = new EveningApi(http);
        foreach (var tap in Play(time.GetUtcNow()))
        {
            await registration.TokenOfAsync(tap.Tap, stoppingToken);
            await api.PrepareAsync(tap.Tap.Id, options.Value.PulsesPerLitre, tap.KegMl, stoppingToken);
        }

        // Of one seed it is the same evening, whenever it is; now the kegs are on.
        var start = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds() + 1);
        var taps = Play(start);
        await Task.WhenAll(taps.Select(tap => SendAsync(tap, stoppingToken)));
        var glasses = taps.SelectMany(tap => tap.Pours, (tap, pour) => (tap.Tap.Id, Pour: pour)).ToList();
        await api.SellAsync(glasses.Where(glass => glass.Pour.Kind == EveningPourKind.Sold), stoppingToken);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"an evening of {evening.Value.Length:c}: poured {glasses.Count}, sold {glasses.Count(glass => glass.Pour.Kind == EveningPourKind.Sold)}, forgotten {glasses.Count(glass => glass.Pour.Kind == EveningPourKind.Forgotten)}"
            )
        );
        if (!verify.Value.Enabled)
        {
            return true;
        }

        var report = new EveningReport(api, taps, start, start + evening.Value.Length + TimeSpan.FromMinutes(1), verify.Value.Patience, time);
        var findings = await report.ReadAsync(stoppingToken);
        Console.WriteLine(string.Join(Environment.NewLine, findings));
        return findings.All(finding => finding.IsGood);
    }

    private List<EveningTap> Play(DateTimeOffset start) =>
        [.. Enumerable.Range(0, options.Value.Taps).Select(index => new EveningTap(index, start, evening.Value, options.Value))];

    // One connection after the other, where one breaks off: what was sent before and comes again changes nothing.
    private async Task SendAsync(EveningTap tap, CancellationToken stoppingToken)
    {
        List<object> messages = [.. tap.Messages()];
        var next = 0;
        for (var connections = 1; next < messages.Count; connections++)
        {
            try
            {
                var token = await registration.TokenOfAsync(tap.Tap, stoppingToken);
                using var connection = await transport.OpenAsync(tap.Tap, token, _ => { }, mayStopReading: false, stoppingToken);
                for (; next < messages.Count; next++)
                {
                    await SendAsync(connection, messages[next], stoppingToken);
                }

                await connection.CloseAsync();
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested && connections < MostConnections)
            {
                LogDisconnected(tap.Tap.Name, ex.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private async Task SendAsync(ITapConnection connection, object message, CancellationToken stoppingToken)
    {
        if (message is TapReading reading)
        {
            await connection.SendReadingAsync(reading, stoppingToken);
            return;
        }

        while (await connection.SendAsync((Pour)message, stoppingToken) is { Kind: AnswerKind.Busy or AnswerKind.Refused } answer)
        {
            if (answer.Kind is AnswerKind.Refused)
            {
                throw new IOException($"A pour is refused: {answer.Reason}.");
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Tap {Tap} has no connection: {Message}")]
    private partial void LogDisconnected(string tap, string message);

    [LoggerMessage(LogLevel.Error, "The evening broke off.")]
    private partial void LogFailed(Exception exception);
}

namespace Benchmarks.Load;

/// <summary>Taps that are connected, each with its token, and only keep their connection alive.</summary>
/// <param name="Port">Port of the bridge on loopback.</param>
/// <param name="Tokens">File with the token of each tap on a line of its own, tap 1 first.</param>
/// <param name="KeepAlive">Keep-alive in seconds; each tap pings in half that time.</param>
/// <param name="StayFor">How many seconds they stay.</param>
internal sealed record QuietTapsOptions(int Port, string Tokens, int KeepAlive, double StayFor);

/// <summary>What <see cref="QuietTaps"/> tells when all are connected.</summary>
/// <param name="Seconds">How long it took.</param>
internal sealed record TapsConnected(double Seconds);

/// <summary>What <see cref="QuietTaps"/> tells at the end.</summary>
/// <param name="There">Taps that still had an answer to a ping.</param>
internal sealed record TapsStayed(int There);

/// <summary>Connects taps and keeps them connected.</summary>
internal static class QuietTaps
{
    public static async Task RunAsync(QuietTapsOptions options)
    {
        var tokens = await File.ReadAllLinesAsync(options.Tokens);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var taps = new TapSocket[tokens.Length];
        await Many.TimesAsync(taps.Length, 64, async n => taps[n] = await ConnectAsync(options, n + 1, tokens[n]));
        Child.Tell(new TapsConnected(watch.Elapsed.TotalSeconds));

        var until = watch.Elapsed + TimeSpan.FromSeconds(options.StayFor);
        var alive = await Task.WhenAll(taps.Select((tap, n) => StayAsync(tap, () => watch.Elapsed < until, options, (double)n / taps.Length)));
        Child.Tell(new TapsStayed(alive.Count(isAlive => isAlive)));
        await Child.UnwantedAsync();
    }

    private static async Task<TapSocket> ConnectAsync(QuietTapsOptions options, int tap, string token)
    {
        var socket = await TapSocket.ConnectAsync(options.Port, tap, token: token, keepAlive: options.KeepAlive);
        await socket.SubscribeToReceiptsAsync();
        return socket;
    }

    /// <summary>Pings until its time is over, and once more.</summary>
    /// <returns>Whether the last ping was answered.</returns>
    private static async Task<bool> StayAsync(TapSocket tap, Func<bool> goesOn, QuietTapsOptions options, double phase)
    {
        var pause = TimeSpan.FromSeconds(options.KeepAlive / 2.0);
        try
        {
            // Not all at one moment.
            await Task.Delay(pause * phase);
            while (true)
            {
                await tap.SendAsync(Packets.PingRequest);
                await tap.ReadAsync(Packets.PingResponse);
                if (!goesOn())
                {
                    return true;
                }

                await Task.Delay(pause);
            }
        }
        catch (Exception ex) when (ex is InvalidOperationException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}

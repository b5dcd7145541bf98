using System.Diagnostics;
using System.Text;

namespace Benchmarks.Load;

/// <summary>Connections that each send one request after the other.</summary>
/// <param name="Port">Port of the server on loopback.</param>
/// <param name="Connections">How many connections.</param>
/// <param name="WarmUp">Seconds before anything counts.</param>
/// <param name="Seconds">Seconds that count.</param>
internal sealed record HttpLoadOptions(int Port, int Connections, double WarmUp, double Seconds)
{
    /// <summary>Paths that are read by turns; empty for a load that posts.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Pours of each post; one goes to <c>/api/beers</c>, more to <c>/api/beers/batch</c>.</summary>
    public int Pours { get; init; }

    /// <summary>Whether each pour has an id of its own, else the server gives it one.</summary>
    public bool WithIds { get; init; }

    /// <summary>The bearer token of posts.</summary>
    public string Token { get; init; } = "";
}

/// <summary>What <see cref="HttpLoad"/> tells at its end.</summary>
/// <param name="Succeeded">All requests that succeeded, also in the warm-up.</param>
/// <param name="Unknown">Requests that were answered with 503: whether they were done is not known.</param>
/// <param name="PerSecond">Requests that succeeded in a second, in the seconds that count.</param>
internal sealed record HttpLoadResult(long Succeeded, long Unknown, double PerSecond);

/// <summary>Asks as fast as the server answers.</summary>
internal static class HttpLoad
{
    private static volatile bool _isOver;

    public static async Task RunAsync(HttpLoadOptions options)
    {
        var connections = new List<Connection>();
        for (var n = 0; n < options.Connections; n++)
        {
            connections.Add(new Connection(await HttpSocket.ConnectAsync(options.Port), options, n));
        }

        var asking = Task.WhenAll(connections.Select(connection => connection.AskAsync()));
        // The first answers of a server that has just started take long.
        while (!asking.IsCompleted && connections.Exists(connection => connection.Succeeded == 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }

        await await Task.WhenAny(asking, Task.Delay(TimeSpan.FromSeconds(options.WarmUp)));
        var (before, watch) = (connections.Sum(connection => connection.Succeeded), Stopwatch.StartNew());
        await await Task.WhenAny(asking, Task.Delay(TimeSpan.FromSeconds(options.Seconds)));
        var perSecond = (connections.Sum(connection => connection.Succeeded) - before) / watch.Elapsed.TotalSeconds;
        _isOver = true;
        await asking;
        Child.Tell(
            new HttpLoadResult(connections.Sum(connection => connection.Succeeded), connections.Sum(connection => connection.Unknown), perSecond)
        );
    }

    private sealed class Connection(HttpSocket socket, HttpLoadOptions options, int number)
    {
        private readonly byte[][] _requests = options.Pours == 0 ? [.. options.Paths.Select(HttpSocket.Get)] : [Post(options, number)];

        public long Succeeded { get; private set; }

        public long Unknown { get; private set; }

        public async Task AskAsync()
        {
            for (var n = number; !_isOver; n++)
            {
                var request = _requests[n % _requests.Length];
                if (options.WithIds)
                {
                    GiveIds(request);
                }

                var (status, answer) = await socket.AskAsync(request);
                if (status == 503)
                {
                    Unknown++;
                    continue;
                }

                var isGood = options.Pours > 1 ? answer.Span.Count("\"status\":201"u8) == options.Pours : status == (options.Pours == 1 ? 201 : 200);
                Check.That(isGood, $"A request was answered with {status}: {Encoding.UTF8.GetString(answer.Span[..Math.Min(answer.Length, 1_000)])}");
                Succeeded++;
            }
        }

        private static byte[] Post(HttpLoadOptions options, int number)
        {
            var id = options.WithIds ? $"\"id\":\"{new string('0', PourIds.Length)}\"," : "";
            var beers = Enumerable.Range(0, options.Pours).Select(n => $"{{{id}\"tapId\":{1 + ((number + n) % 64)},\"volume\":473}}");
            var json = string.Join(',', beers);
            return options.Pours == 1
                ? HttpSocket.Post("/api/beers", options.Token, json)
                : HttpSocket.Post("/api/beers/batch", options.Token, $"[{json}]");
        }

        private static void GiveIds(Span<byte> request)
        {
            var now = DateTime.UtcNow;
            var before = "\"id\":\""u8;
            for (var rest = request; rest.IndexOf(before) is >= 0 and var at; )
            {
                rest = rest[(at + before.Length)..];
                PourIds.Write(rest, now);
            }
        }
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Testing;

/// <summary>A real Redis that syncs its append-only file on every write, as production does.</summary>
public sealed class RedisServer : LocalServer
{
    private static readonly byte[] Pong = "+PONG\r\n"u8.ToArray();

    /// <summary>When it syncs that file: <c>always</c>, <c>everysec</c> or <c>no</c>.</summary>
    public string AppendFsync { get; init; } = "always";

    /// <summary>The folder of that file, with all parts of it.</summary>
    public string AppendOnlyPath => Path.Combine(DataPath, "data", "appendonlydir");

    /// <summary>Connection string for StackExchange.Redis.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},abortConnect=false";

    /// <summary>Where it keeps its append-only file.</summary>
    public string DataFolder => Path.Combine(DataPath, "data");

    /// <summary>How often each command was given since the start, by its name in small letters.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CommandsAsync() =>
        (await InfoAsync("commandstats")).ToDictionary(
            stat => stat.Key["cmdstat_".Length..],
            stat => long.Parse(stat.Value["calls=".Length..stat.Value.IndexOf(',', StringComparison.Ordinal)])
        );

    /// <summary>How many connections wait in a command that blocks.</summary>
    public async Task<int> BlockedClientsAsync() => int.Parse((await InfoAsync("clients")).Single(stat => stat.Key == "blocked_clients").Value);

    private async Task<IEnumerable<KeyValuePair<string, string>>> InfoAsync(string section)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            // Much time: what the server has to do comes first on a busy machine.
            $"127.0.0.1:{Port},allowAdmin=true,connectTimeout=60000,asyncTimeout=60000"
        );
        return (await redis.GetServers()[0].InfoAsync(section)).Single();
    }

    /// <inheritdoc />
    protected override ProcessStartInfo Command() => new(Path.Combine(Repository, "eng/local/redis"), [Port.ToString(), DataFolder, AppendFsync]);

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        // By hand: a client of its own for one question costs more than all else of a start.
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[Pong.Length];
            await stream.ReadExactlyAsync(answer);
            return answer.SequenceEqual(Pong);
        }
        catch (Exception ex) when (ex is SocketException or IOException)
        {
            return false;
        }
    }
}

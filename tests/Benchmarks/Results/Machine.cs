using System.Globalization;
using Npgsql;
using StackExchange.Redis;
using Testing;

namespace Benchmarks.Results;

/// <summary>What a run ran on.</summary>
/// <param name="Cores">Cores that it had.</param>
/// <param name="Processor">Model of the processor.</param>
/// <param name="MemoryGb">Memory in GB.</param>
/// <param name="Kernel">Version of the kernel.</param>
/// <param name="DotNet">Version of .NET.</param>
/// <param name="Redis">Version of Redis.</param>
/// <param name="Postgres">Version of PostgreSQL.</param>
internal sealed record Machine(int Cores, string Processor, int MemoryGb, string Kernel, string DotNet, string Redis, string Postgres)
{
    /// <summary>Looks at this machine and its servers.</summary>
    public static async Task<Machine> LookAsync(RedisServer redisServer, PostgresServer postgresServer)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(redisServer.ConnectionString);
        await using var postgres = new NpgsqlConnection(postgresServer.ConnectionString);
        await postgres.OpenAsync();
        return new Machine(
            Environment.ProcessorCount,
            Field("/proc/cpuinfo", "model name"),
            (int)Math.Round(double.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / (1024 * 1024)),
            $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}",
            Environment.Version.ToString(),
            redis.GetServers()[0].Version.ToString(),
            postgres.PostgreSqlVersion.ToString()
        );
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{Cores} cores of {Processor}, {MemoryGb} GB, {Kernel}, .NET {DotNet}, Redis {Redis}, PostgreSQL {Postgres}";

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}

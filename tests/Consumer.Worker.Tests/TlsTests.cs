using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>Both stores over TLS: whom the worker trusts, and what it says of the others.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly Servers _servers = new();
    private readonly string _authority;
    private readonly string _stranger;
    private readonly TlsRedisServer _redis;

    public TlsTests()
    {
        (var chain, var key, _authority) = TestCertificate.WriteChain(_folder.FullName);
        (_stranger, _) = TestCertificate.Write(_folder.FullName);
        _redis = new TlsRedisServer(chain, key);
    }

    public async Task InitializeAsync()
    {
        await Task.WhenAll(_servers.InitializeAsync(), _redis.InitializeAsync());
        await _servers.Postgres.UseTlsAsync(Path.Combine(_folder.FullName, "chain.pem"), Path.Combine(_folder.FullName, "chain-key.pem"));
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_servers.DisposeAsync(), _redis.DisposeAsync());
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_pour_is_stored_where_both_stores_are_reached_over_TLS_only()
    {
        await using var worker = await StartAsync("127.0.0.1", _authority);

        await worker.AppendAsync("""{"volume":500}""");
        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 1, "the pour is stored");
        Assert.Equal(
            "SSL",
            await worker.QueryAsync(db =>
                Task.FromResult(
                    db.Database.SqlQuery<string>(
                            $"SELECT CASE WHEN ssl THEN 'SSL' ELSE 'plain' END AS \"Value\" FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                        )
                        .Single()
                )
            )
        );
        await worker.StopAsync();
    }

    [Theory]
    [InlineData(true, "127.0.0.1")]
    [InlineData(false, "localhost")]
    public async Task A_store_that_nobody_vouches_for_is_not_trusted(bool isStranger, string host)
    {
        await using var worker = await StartAsync(host, isStranger ? _stranger : _authority);

        var report = await worker.Get<HealthCheckService>().CheckHealthAsync();

        // Why is not always told: between two attempts the client knows only that there is no connection.
        Unhealthy("redis memory");
        // The client of Postgres does not tell which of the two it was.
        Assert.Contains("certificate was rejected", Unhealthy("taproomdb writes"));
        await worker.StopAsync();

        string Unhealthy(string store)
        {
            Assert.Equal(HealthStatus.Unhealthy, report.Entries[store].Status);
            return $"{report.Entries[store].Exception}";
        }
    }

    [Fact]
    public async Task A_Redis_address_that_is_none_stops_the_start_with_a_sentence_that_does_not_repeat_its_password()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Worker.CreateAsync(_servers, ("ConnectionStrings:redis", "rediss://default:secret#1@127.0.0.1:6379"))
        );

        Assert.StartsWith("The connection string of Redis must be ", error.Message);
        Assert.DoesNotContain("secret", error.Message);
    }

    private async Task<Worker> StartAsync(string host, string authority)
    {
        var settings = await _servers.SettingsAsync();
        var database = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings:taproomdb"])
        {
            Host = host,
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority,
        };
        var worker = await Worker.CreateAsync(
            _servers,
            ("ConnectionStrings:redis", $"rediss://default:{Uri.EscapeDataString(TlsRedisServer.Password)}@{host}:{_redis.Port}"),
            ("Redis:Ca", authority),
            ("ConnectionStrings:taproomdb", database.ConnectionString)
        );
        await worker.StartAsync();
        return worker;
    }
}

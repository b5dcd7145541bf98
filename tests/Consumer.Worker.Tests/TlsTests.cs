using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>
/// Both stores over TLS: whom the worker trusts, and what it says of the others. Of the collection although they have servers of their own,
/// as others count what all workers of this process tell.
/// </summary>
[Collection(nameof(ServersCollection))]
public sealed class TlsTests(TlsTests.Stores stores) : IClassFixture<TlsTests.Stores>
{
    [Fact]
    public async Task A_pour_is_stored_where_both_stores_are_reached_over_TLS_only()
    {
        await using var worker = await StartAsync("127.0.0.1", stores.Authority);

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
        await using var worker = await StartAsync(host, isStranger ? stores.Stranger : stores.Authority);

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
            Worker.CreateAsync(stores.Servers, ("ConnectionStrings:redis", "rediss://default:secret#1@127.0.0.1:6379"))
        );

        Assert.StartsWith("The connection string of Redis must be ", error.Message);
        Assert.DoesNotContain("secret", error.Message);
    }

    private async Task<Worker> StartAsync(string host, string authority)
    {
        var settings = await stores.Servers.SettingsAsync();
        var database = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings:taproomdb"])
        {
            Host = host,
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority,
        };
        var worker = await Worker.CreateAsync(
            stores.Servers,
            ("ConnectionStrings:redis", $"rediss://default:{Uri.EscapeDataString(TlsRedisServer.Password)}@{host}:{stores.Redis.Port}"),
            ("Redis:Ca", authority),
            ("ConnectionStrings:taproomdb", database.ConnectionString)
        );
        await worker.StartAsync();
        return worker;
    }

    /// <summary>Both stores, with a certificate of the same authority.</summary>
    public sealed class Stores : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");

        /// <summary>Makes the certificates.</summary>
        public Stores()
        {
            (var chain, var key, Authority) = TestCertificate.WriteChain(_folder.FullName);
            (Stranger, _) = TestCertificate.Write(_folder.FullName);
            Redis = new TlsRedisServer(chain, key);
        }

        /// <summary>Of which the Postgres speaks TLS.</summary>
        public Servers Servers { get; } = new();

        /// <summary>Speaks nothing else.</summary>
        public TlsRedisServer Redis { get; }

        /// <summary>The file of the authority.</summary>
        public string Authority { get; }

        /// <summary>The file of an authority that has signed nothing here.</summary>
        public string Stranger { get; }

        /// <inheritdoc />
        public async Task InitializeAsync()
        {
            await Task.WhenAll(Servers.InitializeAsync(), Redis.InitializeAsync());
            await Servers.Postgres.UseTlsAsync(Path.Combine(_folder.FullName, "chain.pem"), Path.Combine(_folder.FullName, "chain-key.pem"));
        }

        /// <inheritdoc />
        public async Task DisposeAsync()
        {
            await Task.WhenAll(Servers.DisposeAsync(), Redis.DisposeAsync());
            _folder.Delete(recursive: true);
        }
    }
}

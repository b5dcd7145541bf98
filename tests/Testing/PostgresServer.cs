using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Store;

namespace Testing;

/// <summary>A real Postgres; each test takes a database of its own.</summary>
public sealed class PostgresServer : LocalServer
{
    private const string Template = "with_schema";

    private readonly string _password = Guid.NewGuid().ToString("N");
    private bool _isMade;

    /// <summary>Connection string of the database <c>postgres</c>.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateEmptyDatabaseAsync() => CreateDatabaseAsync("template1");

    /// <summary>Creates a database with the newest schema; far faster than to migrate each.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync() => CreateDatabaseAsync(Template);

    /// <summary>Lets it speak TLS too, with this certificate and key, PEM files.</summary>
    public async Task UseTlsAsync(string certificate, string key)
    {
        // It runs as another user and reads the key only if nobody else can: so it writes both files itself.
        foreach (var (name, file) in new[] { ("server.crt", certificate), ("server.key", key) })
        {
            var content = Convert.ToBase64String(await File.ReadAllBytesAsync(file));
            await ExecuteAsync($"COPY (SELECT '{content}') TO PROGRAM 'umask 077; base64 -d > {name}'");
        }

        await ExecuteAsync("ALTER SYSTEM SET ssl = on");
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>From now on it has on disk what it commits, as a shipped one has; see where that is switched off.</summary>
    public async Task SyncAsync()
    {
        await ExecuteAsync("ALTER SYSTEM RESET fsync");
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    private async Task<string> CreateDatabaseAsync(string template)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        return ConnectionStringOf(name);
    }

    // Starts with nothing, migrates once, and stops.
    private async Task<string> MakeAsync()
    {
        _isMade = true;
        await StartAsync();
        // Postgres is killed in tests, which loses nothing that it wrote; a power cut, which would, is in none. Benchmarks and the long run of
        // faults have it as it is shipped.
        await ExecuteAsync("ALTER SYSTEM SET fsync = off");
        await ExecuteAsync($"CREATE DATABASE {Template}");
        // A template must have no connection open.
        var options = new DbContextOptionsBuilder<TaproomDb>().UseNpgsql($"{ConnectionStringOf(Template)};Pooling=false").Options;
        await using (var db = new TaproomDb(options))
        {
            await db.Database.MigrateAsync();
        }

        await StopAsync();
        return Cluster;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private string Cluster => Path.Combine(DataPath, "data");

    /// <inheritdoc />
    protected override async Task PrepareAsync()
    {
        if (_isMade || Directory.Exists(Cluster))
        {
            return;
        }

        var maker = new PostgresServer();
        try
        {
            await PreparedCluster.CopyAsync(maker.MakeAsync, Cluster);
        }
        finally
        {
            await maker.DisposeAsync();
        }
    }

    /// <inheritdoc />
    protected override ProcessStartInfo Command() =>
        new(Path.Combine(Repository, "eng/local/postgres"), [Port.ToString(), Cluster]) { Environment = { ["POSTGRES_PASSWORD"] = _password } };

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // Each test has pools of its own on its own database: together they must not use up the server's connections.
    private string ConnectionStringOf(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Password={_password};Database={database}"
        + ";Maximum Pool Size=30;Connection Idle Lifetime=3;Connection Pruning Interval=1";
}

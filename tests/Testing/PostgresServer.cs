using System.Diagnostics;
using Npgsql;

namespace Testing;

/// <summary>A real Postgres; each test takes a database of its own.</summary>
public sealed class PostgresServer : LocalServer
{
    private readonly string _password = Guid.NewGuid().ToString("N");

    /// <summary>Connection string of the database <c>postgres</c>.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionStringOf(name);
    }

    /// <inheritdoc />
    protected override ProcessStartInfo Command() =>
        new(Path.Combine(Repository, "eng/local/postgres"), [Port.ToString(), Path.Combine(DataPath, "data")])
        {
            Environment = { ["POSTGRES_PASSWORD"] = _password },
        };

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

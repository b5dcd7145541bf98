using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Taproom.Store;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>
/// Databases of earlier releases under the worker and the API of now. <c>Releases/NAME.sql</c> is a dump (<c>pg_dump --inserts</c>) of what that
/// release stored, <c>NAME.json</c> what its API answered; both were written once, by it, and stay as they are.
/// </summary>
[Collection(nameof(ServersCollection))]
public sealed class SchemaUpgradeTests(Servers servers)
{
    private const int Tap = 7;

    [Theory]
    [InlineData("20261129081110_Initial")]
    public async Task What_a_release_stored_is_kept_and_answered_as_it_was(string release)
    {
        var recorded = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Releases, $"{release}.json"))).RootElement;
        var database = await RestoreAsync(await File.ReadAllTextAsync(Path.Combine(Releases, $"{release}.sql")));
        var before = await CountsAsync(database);

        await using var api = await Api.StartAsync(servers, ("ConnectionStrings:taproomdb", database));

        var after = await CountsAsync(database);
        Assert.All(before, table => Assert.Equal(table, KeyValuePair.Create(table.Key, after[table.Key])));
        Assert.All(before, table => Assert.True(table.Value > 0, $"The release left nothing in {table.Key}."));
        await AnsweredAsync(api, recorded.GetProperty("answers"));
        Assert.Empty(await StoredRules.BrokenAsync(database));
        // What was kept secret is still good: a token, of which there is a hash, and a password, which is encrypted.
        using var asTap = api.With(recorded.GetProperty("token").GetString()!);
        Assert.Equal(HttpStatusCode.Created, (await asTap.PostAsJsonAsync("/api/beers", new { tapId = Tap, volume = 500 })).StatusCode);
        await using var meter = await Upstream.StartAsync();
        (await api.Admin.PatchAsJsonAsync("/api/meters/004711", new { address = meter.Address })).EnsureSuccessStatusCode();
        await api.PostAsync("/api/meters/004711/poll", "");
        Assert.Equal(Upstream.Password, Assert.Single(meter.Asked).Password);
    }

    [Theory]
    [InlineData("20261129081110_Initial")]
    public async Task A_migration_is_what_it_was_when_it_was_released(string release)
    {
        var dumped = await RestoreAsync(await File.ReadAllTextAsync(Path.Combine(Releases, $"{release}.sql")));
        var migrated = await servers.Postgres.CreateEmptyDatabaseAsync();
        await using var db = new TaproomDb(new DbContextOptionsBuilder<TaproomDb>().UseNpgsql(migrated).Options);

        await db.GetService<IMigrator>().MigrateAsync(release);

        Assert.Equal(await SchemaAsync(dumped), await SchemaAsync(migrated));
    }

    [Fact]
    public async Task What_is_stored_now_is_the_same_after_a_dump_and_a_restore()
    {
        await using var api = await Api.StartAsync(servers);
        var recorded = await RecordAsync(api);
        var dump = await DumpAsync(api.Settings["ConnectionStrings:taproomdb"]!);

        await using var restored = await Api.StartAsync(servers, ("ConnectionStrings:taproomdb", await RestoreAsync(dump)));

        await AnsweredAsync(restored, recorded.GetProperty("answers"));
    }

    private static string Releases => Path.Combine(LocalServer.Repository, "tests/Ingest.Api.Tests/Releases");

    // Everything that can be stored, and every answer that tells of it.
    private static async Task<JsonElement> RecordAsync(Api api)
    {
        await SucceedsAsync(api.PostAsync("/api/taps", $$"""{"id":{{Tap}},"name":"Bar left"}"""));
        using var made = await api.PostAsync($"/api/taps/{Tap}/token", "");
        var token = (await Api.ReadAsync(made)).GetProperty("token").GetString();
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":2000}""");
        using var next = await api.PostAsync("/api/kegs", """{"beverage":"Stout","sizeMl":30000}""");
        var (first, second) = ((await Api.ReadAsync(keg)).GetProperty("id").GetGuid(), (await Api.ReadAsync(next)).GetProperty("id").GetGuid());
        await SucceedsAsync(api.Admin.PutAsJsonAsync($"/api/taps/{Tap}/keg", new { kegId = first }));
        var pours = await api.PourAllAsync((Tap, 300), (Tap, 473.25m), (Tap, 1000), (8, 100));
        await ToldAsync(1);
        await SucceedsAsync(api.Admin.PutAsJsonAsync($"/api/taps/{Tap}/keg", new { kegId = second }));
        await ToldAsync(2);
        await SucceedsAsync(
            api.Admin.PostAsJsonAsync(
                "/api/beers",
                new
                {
                    tapId = Tap,
                    volume = 500,
                    pouredAt = "2099-01-01T00:00:00Z",
                }
            )
        );
        await SucceedsAsync(api.Admin.DeleteAsync($"/api/beers/{pours[3]}"));
        await SucceedsAsync(api.PostAsync("/api/messages", """{"hello":["world",1.50,true,null]}"""));
        await SucceedsAsync(
            api.PostAsync("/api/events", """{"component":"line","data":{"a":[1]},"email":"a@b.example","environment":"bar","message":"Cleaned"}""")
        );
        await using var upstream = await Upstream.StartAsync();
        await SucceedsAsync(
            api.Admin.PostAsJsonAsync(
                "/api/meters",
                new
                {
                    id = "004711",
                    kind = "rainforest",
                    address = upstream.Address,
                    user = "ann",
                    password = Upstream.Password,
                    active = false,
                }
            )
        );
        await SucceedsAsync(api.PostAsync("/api/meters/004711/poll", ""));
        await Eventually.TrueAsync(
            async () =>
                (await api.GetAsync("/api/stats")).GetRawText().Contains("2273.25")
                && (await api.GetAsync("/api/events?component=keg-low")).GetProperty("events").GetArrayLength() == 2
                && (await api.GetAsync("/api/messages")).GetProperty("messages").GetArrayLength() == 1
                && (await api.GetAsync("/api/events?component=line")).GetProperty("events").GetArrayLength() == 1
                && (await api.GetAsync("/api/meters/004711/readings")).GetProperty("readings").GetArrayLength() == 1,
            "all of it is stored"
        );
        var answers = new Dictionary<string, JsonElement>();
        foreach (
            var path in (string[])
                [
                    "/api/beers",
                    $"/api/beers/{pours[0]}",
                    "/api/beers?sort=-timestamp",
                    $"/api/taps/{Tap}",
                    "/api/taps",
                    "/api/kegs",
                    $"/api/kegs/{first}",
                    "/api/meters",
                    "/api/meters/004711/readings",
                    "/api/messages",
                    "/api/events",
                    "/api/stats",
                    "/api/stats/hourly",
                ]
        )
        {
            answers[path] = await api.GetAsync(path);
        }

        return JsonSerializer.SerializeToElement(new { token, answers });

        // That the keg is low, and that it is over.
        Task ToldAsync(int times) =>
            Eventually.TrueAsync(
                async () => (await api.GetAsync("/api/events?component=keg-low")).GetProperty("events").GetArrayLength() == times,
                $"the keg is told of {times} times"
            );
    }

    private static async Task SucceedsAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    // A later release may tell more; what was told is told as before.
    private static async Task AnsweredAsync(Api api, JsonElement recorded)
    {
        foreach (var answer in recorded.EnumerateObject())
        {
            Holds(answer.Name, answer.Value, await api.GetAsync(answer.Name));
        }

        static void Holds(string path, JsonElement then, JsonElement now)
        {
            Assert.Equal((path, then.ValueKind), (path, now.ValueKind));
            switch (then.ValueKind)
            {
                case JsonValueKind.Object:
                    // Whether a tap is online is a matter of now.
                    foreach (var member in then.EnumerateObject().Where(member => member.Name != "status"))
                    {
                        Holds($"{path} {member.Name}", member.Value, now.GetProperty(member.Name));
                    }

                    break;
                case JsonValueKind.Array:
                    Assert.Equal((path, then.GetArrayLength()), (path, now.GetArrayLength()));
                    foreach (var (n, item) in then.EnumerateArray().Index())
                    {
                        Holds($"{path} {n}", item, now[n]);
                    }

                    break;
                default:
                    Assert.Equal((path, then.GetRawText()), (path, now.GetRawText()));
                    break;
            }
        }
    }

    private async Task<string> RestoreAsync(string dump)
    {
        var database = await servers.Postgres.CreateEmptyDatabaseAsync();
        // The dump empties the search path of its session, and newer versions of pg_dump write lines for psql.
        await using var source = NpgsqlDataSource.Create($"{database};Pooling=false");
        await using var command = source.CreateCommand(string.Join('\n', dump.Split('\n').Where(line => !line.StartsWith('\\'))));
        await command.ExecuteNonQueryAsync();
        return database;
    }

    private static async Task<string> DumpAsync(string connectionString)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        using var dump = Process.Start(
            new ProcessStartInfo(
                "pg_dump",
                [
                    "--inserts",
                    "--no-owner",
                    "--no-privileges",
                    "-h",
                    database.Host!,
                    "-p",
                    $"{database.Port}",
                    "-U",
                    database.Username!,
                    database.Database!,
                ]
            )
            {
                RedirectStandardOutput = true,
                Environment = { ["PGPASSWORD"] = database.Password },
            }
        )!;
        var text = await dump.StandardOutput.ReadToEndAsync();
        await dump.WaitForExitAsync();
        Assert.Equal(0, dump.ExitCode);
        return text;
    }

    private static async Task<Dictionary<string, long>> CountsAsync(string database)
    {
        var counts = new Dictionary<string, long>();
        foreach (
            var table in await LinesAsync(
                database,
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '__EFMigrationsHistory'"
            )
        )
        {
            counts[table] = long.Parse((await LinesAsync(database, $"SELECT count(*)::text FROM {table}"))[0]);
        }

        return counts;
    }

    private static async Task<string> SchemaAsync(string database) =>
        string.Join(
            '\n',
            await LinesAsync(
                database,
                """
                SELECT line FROM (
                    SELECT format('%s.%s %s %s null=%s default=%s %s', table_name, column_name, data_type,
                        concat_ws(',', numeric_precision, numeric_scale), is_nullable, column_default, collation_name) AS line
                    FROM information_schema.columns WHERE table_schema = 'public'
                    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                    UNION ALL SELECT "MigrationId" FROM "__EFMigrationsHistory"
                ) s ORDER BY line COLLATE "C"
                """
            )
        );

    private static async Task<List<string>> LinesAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}

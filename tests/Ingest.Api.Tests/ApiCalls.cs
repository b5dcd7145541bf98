using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Npgsql;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Calls that prepare what a test is about. As a client should, they come again after 503, which a busy machine answers too.</summary>
internal sealed partial class Api
{
    /// <summary>Posts a beer that must be accepted and returns its id.</summary>
    public async Task<Guid> PourAsync(int tap = 1, decimal volume = 500, Guid? id = null)
    {
        // With an id, as only that makes it safe to send again.
        var pour = new
        {
            tapId = tap,
            volume,
            id = id ?? Guid.CreateVersion7(),
        };
        using var response = await Calls.AnsweredAsync(() => Admin.PostAsJsonAsync("/api/beers", pour));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await ReadAsync(response)).GetProperty("beer").GetProperty("id").GetGuid();
    }

    /// <summary>Pours, and waits until all of it is stored and listed; in order.</summary>
    public async Task<Guid[]> PourAllAsync(params IEnumerable<(int Tap, decimal Volume)> pours)
    {
        var ids = new List<Guid>();
        foreach (var (tap, volume) in pours)
        {
            ids.Add(await PourAsync(tap, volume));
        }

        foreach (var id in ids)
        {
            await ReadableAsync($"/api/beers/{id}");
        }

        await ListedAsync();
        return [.. ids];
    }

    /// <summary>Gets JSON that must be there.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Calls.AnsweredAsync(() => Anonymous.GetAsync(path));
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await ReadAsync(response);
    }

    /// <summary>Gets JSON of what is accepted, when it is stored and listed: the API itself waits for that only two seconds.</summary>
    public async Task<JsonElement> StoredAsync(string path)
    {
        await ReadableAsync(path);
        await ListedAsync();
        return await GetAsync(path);
    }

    /// <summary>Deletes what is there.</summary>
    public async Task DeleteAsync(string path)
    {
        var isUnsure = false;
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await Admin.DeleteAsync(path);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    // It may have been done all the same.
                    isUnsure = true;
                    return false;
                }

                Assert.True(
                    response.StatusCode == HttpStatusCode.NoContent || (isUnsure && response.StatusCode == HttpStatusCode.NotFound),
                    $"{path}: {response.StatusCode}"
                );
                return true;
            },
            $"{path} is deleted"
        );
    }

    /// <summary>Starts the API with settings that it must refuse, and returns what it ended with.</summary>
    public static async Task<Exception> RefusedAsync(Servers servers, params IEnumerable<(string Key, string? Value)> overrides)
    {
        var settings = await SettingsAsync(servers, [("urls", "http://127.0.0.1:0"), .. overrides]);
        // Not by the factory: it asks a host for its services that has gone by then, and at times tells only of that.
        object?[] arguments = [settings.Select(setting => $"--{setting.Key}={setting.Value}").ToArray()];
        return await Assert.ThrowsAnyAsync<Exception>(() =>
            Task.Run(() => typeof(Program).Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null))
                .WaitAsync(TimeSpan.FromMinutes(1))
        );
    }

    private Task ReadableAsync(string path) =>
        Eventually.TrueAsync(
            async () =>
            {
                using var response = await Anonymous.GetAsync(path);
                return response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable);
            },
            $"{path} is stored"
        );

    /// <summary>Waits until lists have all that is stored: a transaction that began before theirs may still be open.</summary>
    private async Task ListedAsync()
    {
        await using var connection = new NpgsqlConnection(Settings["ConnectionStrings:taproomdb"]);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT NOT EXISTS (
                SELECT FROM (SELECT tx FROM pours UNION ALL SELECT tx FROM messages UNION ALL SELECT tx FROM events) stored
                WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())
            )
            """,
            connection
        );
        await Eventually.TrueAsync(async () => (bool)(await command.ExecuteScalarAsync())!, "all that is stored is listed");
    }
}

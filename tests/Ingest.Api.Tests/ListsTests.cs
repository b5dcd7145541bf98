using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>What readers of a list may rely on while two workers store what many post at two replicas.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ListsTests(Servers servers)
{
    private const int Posters = 8;
    private const int PostsOfEach = 30;

    /// <summary>Between two reads, so that readers do not keep the workers from the processor: what is posted must be stored within two seconds.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData("messages", "payload")]
    [InlineData("beers", "volume")]
    public async Task What_is_accepted_is_readable_at_once_and_no_later_read_shows_an_older_list(string list, string member)
    {
        await using var api = await Api.StartAsync(servers);
        await using var replica = api.Sibling();
        await replica.StartWorkerAsync();
        Api[] replicas = [api, replica];
        var posting = Task.WhenAll(Enumerable.Range(0, Posters).Select(poster => PostAsync(replicas[poster % 2], list, poster)));
        await Task.WhenAll([
            posting,
            .. replicas.Select(reader => ReadAsync(reader, list, posting)),
            .. replicas.Select(reader => FollowAsync(reader, list, posting)),
        ]);

        var stored = await IdsAsync(api, $"/api/{list}?page_size=500");
        Assert.Equal((await posting).SelectMany(ids => ids).Order(), stored.Ids.Order());
        var values = (await api.GetAsync($"/api/{list}?page_size=500"))
            .GetProperty(list)
            .EnumerateArray()
            .Select(item => item.GetProperty(member).GetInt32());
        Assert.Equal(Enumerable.Range(200, Posters * PostsOfEach), values.Order());
    }

    [Fact]
    public async Task What_is_stored_later_is_not_listed_before_what_comes_earlier_in_the_list()
    {
        await using var api = await Api.StartAsync(servers);
        await using var replica = api.Sibling();
        await replica.StartWorkerAsync();
        await using var holder = new NpgsqlConnection(api.Settings["ConnectionStrings:taproomdb"]);
        await holder.OpenAsync();
        await using var watcher = new NpgsqlConnection(api.Settings["ConnectionStrings:taproomdb"]);
        await watcher.OpenAsync();
        var (stream, keys) = (api.Services.GetRequiredService<IngestStream>(), api.Services.GetRequiredService<IOptions<IngestOptions>>().Value);
        var (first, second) = (Message(), Message());
        while (keys.StreamKeyOf(second) == keys.StreamKeyOf(first))
        {
            second = Message();
        }

        await using (var transaction = await holder.BeginTransactionAsync())
        {
            // Whoever stores this id waits for the end of the transaction.
            await ScalarAsync(holder, $"INSERT INTO messages (id, received_at, payload) VALUES ('{first.Id}', now(), '0')");
            await stream.AppendAsync(first, CancellationToken.None);
            await WaitingAsync(watcher);
            await stream.AppendAsync(second, CancellationToken.None);
            await Eventually.TrueAsync(
                async () => (await api.Anonymous.GetAsync($"/api/messages/{second.Id}")).IsSuccessStatusCode,
                "the other partition is stored meanwhile"
            );
            Assert.Empty((await IdsAsync(api, "/api/messages")).Ids);
            await transaction.RollbackAsync();
        }

        await Eventually.TrueAsync(
            async () => (await IdsAsync(api, "/api/messages")).Ids.SequenceEqual([first.Id, second.Id]),
            "both are listed in order"
        );
    }

    private static async Task<List<Guid>> PostAsync(Api api, string list, int poster)
    {
        var ids = new List<Guid>();
        for (var n = 0; n < PostsOfEach; n++)
        {
            var value = 200 + poster * PostsOfEach + n;
            using var posted = await api.PostAsync(
                $"/api/{list}",
                list == "beers" ? $$"""{"tapId":{{poster % 3 + 1}},"volume":{{value}}}""" : $"{value}"
            );
            Assert.True(posted.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted, $"{posted.StatusCode}");
            var path = posted.Headers.Location!.OriginalString;
            await Eventually.TrueAsync(() => IsReadAsync(api, path), $"{path} is stored");
            ids.Add(Guid.Parse(path.Split('/')[^1]));
        }

        return ids;
    }

    /// <summary>
    /// Reads what was accepted. The API waits two seconds for it to be stored, which is not enough on every machine; before that it never says
    /// that there is no such thing.
    /// </summary>
    private static async Task<bool> IsReadAsync(Api api, string path)
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var read = await Calls.AnsweredAsync(() => api.Anonymous.GetAsync(path));
        var hasWaited = read.StatusCode == HttpStatusCode.NotFound && Stopwatch.GetElapsedTime(startedAt) > TimeSpan.FromSeconds(1.9);
        Assert.True(read.IsSuccessStatusCode || hasWaited, $"{path}: {read.StatusCode}");
        return read.IsSuccessStatusCode;
    }

    /// <summary>Reads the whole list again and again: each time what was there before comes first, and unchanged.</summary>
    private static async Task ReadAsync(Api api, string list, Task posting)
    {
        Guid[] before = [];
        for (var last = false; !last; )
        {
            last = posting.IsCompleted;
            var (ids, _) = await IdsAsync(api, $"/api/{list}?page_size=500");
            Assert.Equal(before, ids.Take(before.Length));
            before = ids;
            await Task.Delay(Pause);
        }

        Assert.Equal(Posters * PostsOfEach, before.Length);
    }

    /// <summary>Goes on wherever a page leads to the next one: nothing comes between what was passed.</summary>
    private static async Task FollowAsync(Api api, string list, Task posting)
    {
        var (passed, onPage) = (new List<Guid>(), Array.Empty<Guid>());
        var path = $"/api/{list}?page_size=7";
        for (var last = false; ; )
        {
            last = posting.IsCompleted;
            (onPage, var next) = await IdsAsync(api, path);
            if (next is not null)
            {
                passed.AddRange(onPage);
                path = next;
                continue;
            }

            if (last)
            {
                break;
            }

            await Task.Delay(Pause);
        }

        Assert.Equal((await IdsAsync(api, $"/api/{list}?page_size=500")).Ids, passed.Concat(onPage));
    }

    private static async Task<(Guid[] Ids, string? Next)> IdsAsync(Api api, string path)
    {
        using var response = await Calls.AnsweredAsync(() => api.Anonymous.GetAsync(path));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var items = (await Api.ReadAsync(response)).EnumerateObject().Single().Value.EnumerateArray();
        return ([.. items.Select(item => item.GetProperty("id").GetGuid())], Api.NextOf(response));
    }

    private static IngestEntry Message() =>
        new()
        {
            Id = Guid.NewGuid(),
            Kind = EntryKinds.Message,
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = "1"u8.ToArray(),
        };

    /// <summary>Waits until a session of this database waits for a lock.</summary>
    private static Task WaitingAsync(NpgsqlConnection connection) =>
        Eventually.TrueAsync(
            async () =>
                (long)
                    (
                        await ScalarAsync(
                            connection,
                            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                        )
                    )! > 0,
            "a worker waits"
        );

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>What became of all pours, after all is quiet.</summary>
/// <param name="Poured">Pours of the taps.</param>
/// <param name="Accepted">Entries that the front transports have appended.</param>
/// <param name="Stored">Pours in Postgres.</param>
/// <param name="Events">Alerts in Postgres, by which Taproom tells of what is wrong.</param>
/// <param name="Repeated">Entries of pours that were in the stream before.</param>
/// <param name="Dead">Entries that were set aside: copies of ids.</param>
/// <param name="Lost">Pours that their taps were told to be taken, and that are not in Postgres.</param>
/// <param name="Twice">Rows in Postgres that are not the first of a pour.</param>
/// <param name="Faults">Everything that is wrong, in sentences.</param>
internal sealed record Account(
    int Poured,
    long Accepted,
    int Stored,
    int Events,
    long Repeated,
    long Dead,
    IReadOnlyList<PourRecord> Lost,
    IReadOnlyList<PourRecord> Twice,
    IReadOnlyList<string> Faults
)
{
    // What is kept beside the pours, against the pours.
    private static readonly (string What, string Sql)[] Sums =
    [
        (
            "totals of taps",
            """
            SELECT count(*) FROM taps AS t FULL JOIN (SELECT tap_id, count(*) AS n, sum(volume_ml) AS ml FROM pours GROUP BY 1) AS p ON p.tap_id = t.id
            WHERE coalesce(t.pours, 0) <> coalesce(p.n, 0) OR coalesce(t.volume_ml, 0) <> coalesce(p.ml, 0)
            """
        ),
        (
            "totals of glasses",
            """
            SELECT count(*) FROM glass_totals AS t
            FULL JOIN (SELECT tap_id, glass, count(*) AS n, sum(volume_ml) AS ml FROM pours GROUP BY 1, 2) AS p USING (tap_id, glass)
            WHERE t.pours IS DISTINCT FROM p.n OR t.volume_ml IS DISTINCT FROM p.ml
            """
        ),
        (
            "totals of hours",
            """
            SELECT count(*) FROM hour_totals AS t FULL JOIN (
                SELECT date_trunc('hour', poured_at, 'UTC') AS hour, tap_id, count(*) AS n, sum(volume_ml) AS ml FROM pours GROUP BY 1, 2
            ) AS p USING (hour, tap_id)
            WHERE t.pours IS DISTINCT FROM p.n OR t.volume_ml IS DISTINCT FROM p.ml
            """
        ),
        (
            "levels of kegs",
            """
            SELECT count(*) FROM kegs AS k LEFT JOIN (SELECT keg_id, sum(volume_ml) AS ml FROM pours GROUP BY 1) AS p ON p.keg_id = k.id
            WHERE k.level_ml <> k.size_ml - coalesce(p.ml, 0)
            """
        ),
        ("pours without a keg", "SELECT count(*) FROM pours WHERE keg_id IS NULL"),
    ];

    /// <summary>Counts and compares.</summary>
    /// <param name="taproom">The Taproom; nothing is poured any more.</param>
    /// <param name="ledger">What the taps know.</param>
    /// <param name="entries">What was in the stream.</param>
    /// <param name="inOrder">Taps whose pours are to be stored in the order in which they were poured.</param>
    public static async Task<Account> CompareAsync(RunningTaproom taproom, PourLedger ledger, AcceptedEntries entries, HashSet<int> inOrder)
    {
        while (true)
        {
            await entries.StoredAsync();
            var (before, account) = (entries.Count, await CompareOnceAsync(taproom, ledger, entries, inOrder));
            // An alert that something is over may come at any time.
            if (entries.Count == before)
            {
                return account;
            }
        }
    }

    private static async Task<Account> CompareOnceAsync(RunningTaproom taproom, PourLedger ledger, AcceptedEntries entries, HashSet<int> inOrder)
    {
        var (stored, lost, twice, faults) = await CompareStoredAsync(taproom, ledger, inOrder);
        var dead = await entries.Redis.StreamRangeAsync("taproom:dead");
        faults.AddRange(
            dead.Where(letter => !$"{letter["reason"]}".Contains("has the id of a pour of tap"))
                .Take(10)
                .Select(letter => $"A dead letter of tap {letter["tap"]}: {letter["reason"]}")
        );
        var repeated = entries.Repeated.Values.Sum();
        await using var source = NpgsqlDataSource.Create(taproom.Database);
        await using var count = source.CreateCommand("SELECT count(*) FROM events");
        var events = (long)(await count.ExecuteScalarAsync())!;
        if (entries.Count != stored + events + repeated + dead.Length || events != entries.Events)
        {
            faults.Add(
                $"{entries.Count} accepted are not {stored} stored, {events} events stored (of {entries.Events}), {repeated} repeated, {dead.Length} dead."
            );
        }

        if (dead.Length != entries.Copies)
        {
            faults.Add($"{entries.Copies} copies of ids were accepted, and {dead.Length} entries are set aside.");
        }

        if (await entries.AddedAsync() is var added && added != entries.Count)
        {
            faults.Add($"The streams have had {added} entries, of which {entries.Count} were read here.");
        }

        if (await LineAsync(taproom) is var line && (line.Accepted != entries.Count || line.Known != entries.Count))
        {
            faults.Add($"GET /api/line tells of {line.Accepted} accepted, of which {line.Known} are accounted for; they are {entries.Count}.");
        }

        faults.AddRange(await LeftoversAsync(taproom, entries.Redis));
        return new Account(ledger.Pours.Count, entries.Count, stored, (int)events, repeated, dead.Length, lost, twice, faults);
    }

    /// <summary>Compares what is in Postgres with what the taps know.</summary>
    /// <inheritdoc cref="CompareAsync" />
    public static async Task<(int Stored, List<PourRecord> Lost, List<PourRecord> Twice, List<string> Faults)> CompareStoredAsync(
        RunningTaproom taproom,
        PourLedger ledger,
        HashSet<int> inOrder
    )
    {
        var faults = new List<string>(ledger.Unexpected.Take(10).Select(answer => $"An answer that no tap may get: {answer}"));
        await using var source = NpgsqlDataSource.Create(taproom.Database);
        var (stored, twice) = await ReadStoredAsync(source, ledger, inOrder, faults);
        foreach (var (what, sql) in Sums)
        {
            await using var command = source.CreateCommand(sql);
            if (await command.ExecuteScalarAsync() is long and not 0 and var rows)
            {
                faults.Add($"{what}: {rows} are not as the pours say.");
            }
        }

        var lost = ledger.Pours.Values.Where(pour => pour.AcknowledgedIn is not null && !stored.Contains(pour.Id)).ToList();
        faults.AddRange(lost.Take(10).Select(pour => $"lost: pour {pour.Seq} of tap {pour.Tap}, {pour.Id}, {pour.Accepted} times in the stream"));
        faults.AddRange(twice.Take(10).Select(pour => $"twice: pour {pour.Seq} of tap {pour.Tap}, {pour.Id}"));
        return (stored.Count, lost, twice, faults);
    }

    /// <summary>What the taps' pours are in Postgres: each once, of its tap, and in order.</summary>
    private static async Task<(HashSet<Guid> Stored, List<PourRecord> Twice)> ReadStoredAsync(
        NpgsqlDataSource source,
        PourLedger ledger,
        HashSet<int> inOrder,
        List<string> faults
    )
    {
        var (stored, twice) = (new HashSet<Guid>(), new List<PourRecord>());
        var (seen, newest) = (new HashSet<(int, DateTime)>(), new Dictionary<int, PourRecord>());
        await using var command = source.CreateCommand("SELECT id, tap_id, poured_at, volume_ml FROM pours ORDER BY tx, seq");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var (id, tap, at) = (rows.GetGuid(0), rows.GetInt32(1), rows.GetDateTime(2));
            if (
                !ledger.Pours.TryGetValue(id, out var pour)
                || pour.Tap != tap
                || pour.PouredAt.UtcDateTime != at
                || pour.VolumeMl != rows.GetDecimal(3)
            )
            {
                faults.Add($"Nobody has poured {id} of tap {tap} at {at:O}.");
                continue;
            }

            stored.Add(id);
            if (!seen.Add((tap, at)))
            {
                twice.Add(pour);
            }

            if (inOrder.Contains(tap) && newest.TryGetValue(tap, out var before) && before.Seq > pour.Seq)
            {
                faults.Add($"Pour {pour.Seq} of tap {tap} is stored after {before.Seq}.");
            }

            newest[tap] = pour;
        }

        return (stored, twice);
    }

    /// <remarks>503 is an honest answer while a connection of the API has died without a word and its client does not know yet.</remarks>
    private static async Task<(long Accepted, long Known)> LineAsync(RunningTaproom taproom)
    {
        using var http = new HttpClient();
        using var answer = await Eventually.ValueAsync(
            async () =>
            {
                var response = await http.GetAsync($"http://127.0.0.1:{taproom.Api.Port}/api/line");
                return response.StatusCode is HttpStatusCode.ServiceUnavailable ? null : response;
            },
            "the API tells of the line"
        );
        var line = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return (Number("accepted"), Number("stored") + Number("repeated") + Number("dead"));

        long Number(string name) => line.GetProperty(name).GetInt64();
    }

    /// <summary>Nothing waits, and the dead have left nothing.</summary>
    private static async Task<List<string>> LeftoversAsync(RunningTaproom taproom, IDatabase redis)
    {
        var faults = new List<string>();
        foreach (var stream in AcceptedEntries.Streams)
        {
            foreach (var group in await redis.StreamGroupInfoAsync(stream))
            {
                if (group.ConsumerCount != 0 || group.PendingMessageCount != 0)
                {
                    faults.Add($"{stream}, group {group.Name}: {group.PendingMessageCount} pending, {group.ConsumerCount} consumers.");
                }
            }
        }

        var living = taproom.Named("consumer-worker").Select(worker => $"-{worker.ProcessId}-").ToList();
        string[] holders =
        [
            .. (await redis.HashValuesAsync("taproom:partitions")).Select(holder => $"{holder}"),
            .. (await redis.SortedSetRangeByRankAsync("taproom:partitions:workers")).Select(worker => $"{worker}"),
        ];
        faults.AddRange(
            holders
                .Where(holder => !living.Exists(id => holder.Contains(id, StringComparison.Ordinal)))
                .Select(holder => $"The worker {holder} is dead and still holds something.")
        );
        return faults;
    }
}

using Npgsql;
using Taproom.Ingest;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores the entries of one kind.</summary>
internal interface IKindWriter
{
    /// <summary>One of <see cref="EntryKinds"/>.</summary>
    string Kind { get; }

    /// <summary>Stores what can be stored, in one transaction where nothing is refused by the database.</summary>
    /// <returns>An outcome for each entry, in order.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or cannot take the batch now.</exception>
    Task<IReadOnlyList<Outcome>> WriteAsync(IReadOnlyList<IngestEntry> entries, CancellationToken cancellationToken);
}

/// <inheritdoc />
/// <typeparam name="T">What an entry of the kind is read into.</typeparam>
internal abstract class KindWriter<T>(string kind) : IKindWriter
    where T : class
{
    /// <inheritdoc />
    public string Kind => kind;

    /// <inheritdoc />
    public async Task<IReadOnlyList<Outcome>> WriteAsync(IReadOnlyList<IngestEntry> entries, CancellationToken cancellationToken)
    {
        var outcomes = new Outcome[entries.Count];
        var (items, places) = (new List<T>(entries.Count), new List<int>(entries.Count));
        for (var n = 0; n < entries.Count; n++)
        {
            var (item, reason) = Read(entries[n]);
            if (item is not null)
            {
                items.Add(item);
                places.Add(n);
            }
            else
            {
                outcomes[n] = Outcome.Refused(reason!);
            }
        }

        foreach (var (place, outcome) in places.Zip(items.Count == 0 ? [] : await StoreOrSplitAsync(items, cancellationToken)))
        {
            outcomes[place] = outcome;
        }

        return outcomes;
    }

    /// <summary>Reads an entry.</summary>
    /// <returns>What is stored of it, or why it can never be stored, in one sentence.</returns>
    protected abstract (T? Item, string? Reason) Read(IngestEntry entry);

    /// <summary>Stores what is new, all of it or nothing.</summary>
    /// <returns>An outcome for each item, in order.</returns>
    protected abstract Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<T> items, CancellationToken cancellationToken);

    private async Task<IReadOnlyList<Outcome>> StoreOrSplitAsync(List<T> items, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreAsync(items, cancellationToken);
        }
        catch (PostgresException ex) when (EntryStore.IsRefusal(ex))
        {
            if (items.Count == 1)
            {
                return [Outcome.Refused($"The database refused it (SQLSTATE {ex.SqlState}).")];
            }

            // One item spoils the batch: alone, each of the others goes through, and that one is found.
            var outcomes = new List<Outcome>(items.Count);
            foreach (var item in items)
            {
                outcomes.AddRange(await StoreOrSplitAsync([item], cancellationToken));
            }

            return outcomes;
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Sales;

/// <summary>Stores sales, each id once, and knows what can be sold.</summary>
internal sealed class SaleStore(TaproomDb db)
{
    // So much fits well into the time that a command may take.
    private const int ChunkSize = 1_000;

    /// <summary>Reads which taps and beverages there are.</summary>
    public async Task<SaleCatalog> CatalogAsync(IEnumerable<SaleDraft> drafts, CancellationToken cancellationToken)
    {
        int[] named = [.. drafts.Select(draft => draft.TapId).OfType<int>().Distinct()];
        var taps = await db.Taps.Where(tap => named.Contains(tap.Id)).Select(tap => tap.Id).ToListAsync(cancellationToken);
        var beverages = await db.Kegs.Select(keg => keg.Beverage).Distinct().ToListAsync(cancellationToken);
        return new SaleCatalog([.. taps], beverages);
    }

    /// <summary>Finds those of the ids that are stored.</summary>
    public async Task<Dictionary<Guid, Sale>> FindAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, Sale>();
        foreach (var chunk in ids.Distinct().Chunk(ChunkSize))
        {
            foreach (var sale in await db.Sales.Where(sale => chunk.Contains(sale.Id)).ToListAsync(cancellationToken))
            {
                found[sale.Id] = sale;
            }
        }

        return found;
    }

    /// <summary>Stores all of them or none; one whose id is there, or was earlier in the list, changes nothing.</summary>
    /// <returns>The ids that are new.</returns>
    public async Task<HashSet<Guid>> StoreAsync(IReadOnlyList<Sale> sales, CancellationToken cancellationToken)
    {
        var added = new HashSet<Guid>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // By id, so that two imports of the same file wait for each other and not both.
        foreach (var chunk in sales.DistinctBy(sale => sale.Id).OrderBy(sale => sale.Id).Chunk(ChunkSize))
        {
            added.UnionWith(await InsertAsync(chunk, cancellationToken));
        }

        await transaction.CommitAsync(cancellationToken);
        return added;
    }

    private Task<List<Guid>> InsertAsync(Sale[] sales, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. sales.Select(sale => sale.Id)];
        DateTimeOffset[] times = [.. sales.Select(sale => sale.SoldAt)];
        int?[] taps = [.. sales.Select(sale => sale.TapId)];
        string?[] beverages = [.. sales.Select(sale => sale.Beverage)];
        decimal[] volumes = [.. sales.Select(sale => sale.VolumeMl)];
        int[] counts = [.. sales.Select(sale => sale.Count)];
        decimal?[] prices = [.. sales.Select(sale => sale.Price)];
        return db
            .Database.SqlQuery<Guid>(
                $"""
                INSERT INTO sales (id, sold_at, tap_id, beverage, volume_ml, count, price)
                SELECT * FROM unnest({ids}, {times}, {taps}, {beverages}, {volumes}, {counts}, {prices})
                ON CONFLICT (id) DO NOTHING
                RETURNING id AS "Value"
                """
            )
            .ToListAsync(cancellationToken);
    }
}

/// <summary>What can be sold: the taps that were asked for, and the beverages of all kegs that were ever there.</summary>
internal sealed class SaleCatalog(HashSet<int> taps, IEnumerable<string> beverages)
{
    private readonly Dictionary<string, string> _beverages = beverages
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(names => names.Key, names => names.Order(StringComparer.Ordinal).First(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Why its tap or its beverage cannot be; null when both can.</summary>
    public Refusal? Check(SaleDraft draft) =>
        draft.TapId is { } tap && !taps.Contains(tap)
            ? Refusal.Unprocessable("tapId", $"Tap {tap} does not exist; add it with POST /api/taps, or name the beverage alone.")
        : draft.Beverage is { } beverage && !_beverages.ContainsKey(beverage)
            ? Refusal.Unprocessable(
                "beverage",
                $"No keg ever had the beverage '{SaleText.Short(beverage)}'; write it as the keg has it, or add the keg with POST /api/kegs."
            )
        : null;

    /// <summary>A beverage as a keg writes it.</summary>
    public string? NameOf(string? beverage) => beverage is null ? null : _beverages[beverage];
}

/// <summary>Shows texts of a caller back to it.</summary>
internal static class SaleText
{
    private const int Most = 60;

    /// <summary>The text, or its beginning where it is long.</summary>
    public static string Short(string text) =>
        text.Length <= Most
            ? text
            // Half of a surrogate pair is no character.
            : $"{text[..(char.IsHighSurrogate(text[Most - 1]) ? Most - 1 : Most)]}…";
}

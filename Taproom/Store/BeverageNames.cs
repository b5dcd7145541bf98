using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>Keeps the names of beverages, kegs and sales the same.</summary>
/// <remarks>Locks are taken in the order taps, kegs, beverages, totals.</remarks>
public sealed class BeverageNames(TaproomDb db, TimeProvider time)
{
    /// <summary>Makes the beverage of a name where there is none, in the caller's transaction where there is one.</summary>
    /// <returns>The name as the beverage has it.</returns>
    public async Task<string> NameAsync(string name, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO beverages (id, name) VALUES ({id}, {name}) ON CONFLICT (name_key) DO NOTHING",
            cancellationToken
        );
        // None, where it was renamed or deleted in this moment.
        return (
                await db
                    .Database.SqlQuery<string>($"SELECT name AS \"Value\" FROM beverages WHERE name_key = lower({name})")
                    .ToListAsync(cancellationToken)
            ).SingleOrDefault() ?? name;
    }

    /// <summary>Gives kegs and sales of a name another one, in the caller's transaction.</summary>
    public async Task RenameAsync(string name, string newName, CancellationToken cancellationToken)
    {
        // Kegs by id, as whoever stores pours locks them.
        await db
            .Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM kegs WHERE lower(beverage) = lower({name}) ORDER BY id FOR NO KEY UPDATE")
            .ToListAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE kegs SET beverage = {newName} WHERE lower(beverage) = lower({name});
            UPDATE sales SET beverage = {newName} WHERE lower(beverage) = lower({name});
            """,
            cancellationToken
        );
    }

    /// <summary>Whether a keg or a sale names a beverage.</summary>
    public async Task<bool> IsUsedAsync(string name, CancellationToken cancellationToken) =>
        (
            await db
                .Database.SqlQuery<bool>(
                    $"""
                    SELECT EXISTS (SELECT FROM kegs WHERE lower(beverage) = lower({name}))
                        OR EXISTS (SELECT FROM sales WHERE lower(beverage) = lower({name})) AS "Value"
                    """
                )
                .ToListAsync(cancellationToken)
        ).Single();
}

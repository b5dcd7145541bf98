using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>Locks a tap, as <see cref="PourStore"/> does, until the caller's transaction ends: no pour of it is stored meanwhile.</summary>
internal static class TapLock
{
    /// <summary>Locks it.</summary>
    /// <returns>The time, once it is locked; UTC, whole milliseconds, as pours have them. Null when there is no such tap.</returns>
    public static async Task<DateTimeOffset?> LockTapAsync(this TaproomDb db, int tapId, CancellationToken cancellationToken) =>
        await db
            .Database.SqlQuery<DateTimeOffset>(
                $"""
                SELECT date_trunc('milliseconds', clock_timestamp()) AS "Value" FROM (SELECT id FROM taps WHERE id = {tapId} FOR NO KEY UPDATE) AS tap
                """
            )
            .ToListAsync(cancellationToken)
            is [var now]
            ? now
            : null;
}

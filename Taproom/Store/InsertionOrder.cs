using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of a table that is listed in the order of insertion.</summary>
/// <remarks>
/// Sequence numbers alone do not give that order: several transactions write at a time, and one may commit after a reader has passed
/// its numbers. So rows are in the order of their transactions, and those of a transaction are listed once all that began before it
/// are over. Of one tap they are in the order in which they were accepted: a partition has one transaction after the other.
/// </remarks>
public interface IInsertedRow
{
    /// <summary>The transaction that inserted it; given by the database.</summary>
    ulong Tx { get; }

    /// <summary>Order within the transaction, rising; given by the database.</summary>
    long Seq { get; }
}

/// <summary>Lists rows in the order of insertion.</summary>
public static class InsertionOrder
{
    /// <summary>The rows after a place, in order; none that a row could still come before.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="tx">The transaction of the row to go on after; 0 for the start.</param>
    /// <param name="seq">Its order within the transaction.</param>
    public static IQueryable<T> InsertedAfter<T>(this IQueryable<T> rows, ulong tx, long seq)
        where T : IInsertedRow =>
        rows.Where(row =>
                row.Tx < TaproomDb.OldestOpenTransaction(TaproomDb.Snapshot())
                && EF.Functions.GreaterThan(ValueTuple.Create(row.Tx, row.Seq), ValueTuple.Create(tx, seq))
            )
            .OrderBy(row => row.Tx)
            .ThenBy(row => row.Seq);

    /// <summary>The rows, those last inserted first.</summary>
    public static IQueryable<T> NewestFirst<T>(this IQueryable<T> rows)
        where T : IInsertedRow => rows.OrderByDescending(row => row.Tx).ThenByDescending(row => row.Seq);

    internal static void HasInsertionOrder<T>(this EntityTypeBuilder<T> builder)
        where T : class, IInsertedRow
    {
        builder.Property(row => row.Tx).HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
        builder.Property(row => row.Seq).UseIdentityAlwaysColumn();
        builder.HasIndex(row => new { row.Tx, row.Seq });
    }
}

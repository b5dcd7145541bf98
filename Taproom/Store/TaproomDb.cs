using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>The database <c>taproomdb</c>. The model describes what the migrations made; it never makes the schema itself.</summary>
public sealed class TaproomDb(DbContextOptions<TaproomDb> options) : DbContext(options)
{
    /// <summary>All stored pours but the deleted ones, which <c>IgnoreQueryFilters</c> adds.</summary>
    public DbSet<StoredPour> Pours => Set<StoredPour>();

    /// <summary>Totals of every tap that has a stored pour.</summary>
    public DbSet<TapTotals> Taps => Set<TapTotals>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredPour>(pour =>
        {
            pour.ToTable("pours");
            pour.HasKey(p => p.Id);
            pour.Property(p => p.Seq).HasColumnName("seq").ValueGeneratedOnAdd();
            pour.Property(p => p.Id).HasColumnName("id");
            pour.Property(p => p.TapId).HasColumnName("tap_id");
            pour.Property(p => p.VolumeMl).HasColumnName("volume_ml");
            pour.Property(p => p.Glass).HasColumnName("glass").HasConversion<short>();
            pour.Property(p => p.PouredAt).HasColumnName("poured_at");
            pour.Property(p => p.ReceivedAt).HasColumnName("received_at");
            pour.Property(p => p.StoredAt).HasColumnName("stored_at");
            pour.Property(p => p.DeletedAt).HasColumnName("deleted_at");
            pour.HasQueryFilter(p => p.DeletedAt == null);
        });
        modelBuilder.Entity<TapTotals>(tap =>
        {
            tap.ToTable("taps");
            tap.Property(t => t.Id).HasColumnName("id").ValueGeneratedNever();
            tap.Property(t => t.Pours).HasColumnName("pours");
            tap.Property(t => t.VolumeMl).HasColumnName("volume_ml");
            tap.Property(t => t.FirstSeen).HasColumnName("first_seen");
            tap.Property(t => t.LastSeen).HasColumnName("last_seen");
        });
    }
}

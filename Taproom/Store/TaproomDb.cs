using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Taproom.Store;

/// <summary>The database <c>taproomdb</c>. The model describes what the migrations made; it never makes the schema itself.</summary>
public sealed class TaproomDb(DbContextOptions<TaproomDb> options) : DbContext(options)
{
    /// <summary>All stored pours but the deleted ones, which <c>IgnoreQueryFilters</c> adds.</summary>
    public DbSet<StoredPour> Pours => Set<StoredPour>();

    /// <summary>Every tap that is registered or has a stored pour, with its totals.</summary>
    public DbSet<TapTotals> Taps => Set<TapTotals>();

    /// <summary>Totals of each glass type.</summary>
    public DbSet<GlassTotals> GlassTotals => Set<GlassTotals>();

    /// <summary>Totals of each hour in which something was poured.</summary>
    public DbSet<HourTotals> HourTotals => Set<HourTotals>();

    /// <summary>All kegs.</summary>
    public DbSet<Keg> Kegs => Set<Keg>();

    /// <summary>All stored messages.</summary>
    public DbSet<StoredMessage> Messages => Set<StoredMessage>();

    /// <summary>All stored activity events.</summary>
    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    /// <summary>All meters.</summary>
    public DbSet<Meter> Meters => Set<Meter>();

    /// <summary>All stored readings.</summary>
    public DbSet<StoredReading> Readings => Set<StoredReading>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredPour>(pour =>
        {
            pour.Property(p => p.Seq).ValueGeneratedOnAdd();
            pour.Property(p => p.Glass).HasConversion<short>();
            pour.HasQueryFilter(p => p.DeletedAt == null);
        });
        modelBuilder.Entity<TapTotals>().Property(tap => tap.Id).ValueGeneratedNever();
        modelBuilder.Entity<GlassTotals>(glass =>
        {
            glass.HasKey(g => g.Glass);
            glass.Property(g => g.Glass).HasConversion<short>();
        });
        modelBuilder.Entity<HourTotals>().HasKey(hour => hour.Hour);
        modelBuilder.Entity<Keg>(keg =>
        {
            keg.Property(k => k.Seq).ValueGeneratedOnAdd();
            keg.Property(k => k.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<StoredReading>().Property(reading => reading.Seq).ValueGeneratedOnAdd();
        modelBuilder.Entity<StoredMessage>().Property(message => message.Seq).ValueGeneratedOnAdd();
        modelBuilder.Entity<StoredEvent>().Property(activity => activity.Seq).ValueGeneratedOnAdd();

        NameInSnakeCase(modelBuilder.Model);
        // "user" alone is a reserved word of SQL.
        modelBuilder.Entity<Meter>().Property(meter => meter.User).HasColumnName("user_name");
    }

    /// <summary>Tables and columns have the names of sets and properties, as SQL writes them: <c>VolumeMl</c> is <c>volume_ml</c>.</summary>
    private static void NameInSnakeCase(IMutableModel model)
    {
        foreach (var entity in model.GetEntityTypes())
        {
            entity.SetTableName(JsonNamingPolicy.SnakeCaseLower.ConvertName(entity.GetTableName()!));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            }
        }
    }
}

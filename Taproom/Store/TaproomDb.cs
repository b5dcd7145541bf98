using System.Text.Json;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Taproom.Store;

/// <summary>The database <c>taproomdb</c>.</summary>
/// <remarks>
/// After a change of the model: <c>dotnet ef migrations add Name --project Taproom --startup-project Consumer.Worker --output-dir Store/Migrations</c>.
/// </remarks>
public sealed class TaproomDb(DbContextOptions<TaproomDb> options) : DbContext(options), IDataProtectionKeyContext
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

    /// <summary>Which keg was on which tap, and when.</summary>
    public DbSet<Tapping> Tappings => Set<Tapping>();

    /// <summary>All stored messages.</summary>
    public DbSet<StoredMessage> Messages => Set<StoredMessage>();

    /// <summary>All stored activity events.</summary>
    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    /// <summary>All meters.</summary>
    public DbSet<Meter> Meters => Set<Meter>();

    /// <summary>All stored readings.</summary>
    public DbSet<StoredReading> Readings => Set<StoredReading>();

    /// <inheritdoc />
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <inheritdoc />
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // Volumes are kept to 0.001 mL (Volumes.Round), so sums are exact. 21 digits before the point hold any sum.
        configurationBuilder.Properties<decimal>().HavePrecision(24, 3);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<GlassTotals>(glass =>
        {
            glass.HasKey(g => g.Glass);
            glass.Property(g => g.Glass).HasConversion<short>().ValueGeneratedNever();
        });
        modelBuilder.Entity<HourTotals>().HasKey(hour => hour.Hour);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(TaproomDb).Assembly);
        NameInSnakeCase(modelBuilder.Model);
    }

    /// <summary>Tables and columns have the names of sets and properties, as SQL writes them: <c>VolumeMl</c> is <c>volume_ml</c>.</summary>
    private static void NameInSnakeCase(IMutableModel model)
    {
        foreach (var entity in model.GetEntityTypes())
        {
            entity.SetTableName(JsonNamingPolicy.SnakeCaseLower.ConvertName(entity.GetTableName()!));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.GetColumnName()));
            }
        }
    }
}

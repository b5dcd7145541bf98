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

    /// <summary>Totals of each tap and glass type.</summary>
    public DbSet<GlassTotals> GlassTotals => Set<GlassTotals>();

    /// <summary>Totals of each hour and tap in which something was poured.</summary>
    public DbSet<HourTotals> HourTotals => Set<HourTotals>();

    /// <summary>All kegs.</summary>
    public DbSet<Keg> Kegs => Set<Keg>();

    /// <summary>Which keg was on which tap, and when.</summary>
    public DbSet<Tapping> Tappings => Set<Tapping>();

    /// <summary>What somebody found to be left in kegs.</summary>
    public DbSet<KegReading> KegReadings => Set<KegReading>();

    /// <summary>All beverages.</summary>
    public DbSet<Beverage> Beverages => Set<Beverage>();

    /// <summary>How taps were calibrated, and from when on.</summary>
    public DbSet<Calibration> Calibrations => Set<Calibration>();

    /// <summary>When taps were in cleaning mode.</summary>
    public DbSet<Cleaning> Cleanings => Set<Cleaning>();

    /// <summary>What tills sold.</summary>
    public DbSet<Sale> Sales => Set<Sale>();

    /// <summary>All stored messages.</summary>
    public DbSet<StoredMessage> Messages => Set<StoredMessage>();

    /// <summary>All stored activity events.</summary>
    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    /// <summary>All alerts, open or over.</summary>
    public DbSet<Alert> Alerts => Set<Alert>();

    /// <summary>All meters.</summary>
    public DbSet<Meter> Meters => Set<Meter>();

    /// <summary>All controllers of Kegbot's that have asked to be let in.</summary>
    public DbSet<Kegboard> Kegboards => Set<Kegboard>();

    /// <summary>All stored readings.</summary>
    public DbSet<StoredReading> Readings => Set<StoredReading>();

    /// <summary>Where readings said that the odometers of taps stood, by the minute.</summary>
    public DbSet<OdometerMinute> OdometerMinutes => Set<OdometerMinute>();

    /// <summary>All webhooks.</summary>
    public DbSet<Webhook> Webhooks => Set<Webhook>();

    /// <summary>The newest attempts to tell their receivers something.</summary>
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    /// <summary>Who may sign in.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Who has signed in.</summary>
    public DbSet<UserSession> Sessions => Set<UserSession>();

    /// <summary>Who changed what, when and from where.</summary>
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <inheritdoc />
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>In a query: what it can see.</summary>
    internal static string Snapshot() => throw new InvalidOperationException("This can only be part of a query.");

    /// <summary>In a query: the oldest transaction that was still open at a <see cref="Snapshot"/>; all before it are over.</summary>
    internal static ulong OldestOpenTransaction(string snapshot) =>
        throw new InvalidOperationException($"This can only be part of a query, not {snapshot}.");

    /// <inheritdoc />
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // Volumes are kept to 0.001 mL (Volumes.Round), so sums are exact. 21 digits before the point hold any sum.
        configurationBuilder.Properties<decimal>().HavePrecision(24, 3);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<GlassTotals>(glass =>
        {
            glass.HasKey(g => new { g.TapId, g.Glass });
            glass.Property(g => g.Glass).HasConversion<short>().ValueGeneratedNever();
        });
        modelBuilder.Entity<HourTotals>().HasKey(hour => new { hour.Hour, hour.TapId });
        modelBuilder.HasDbFunction(() => Snapshot()).HasName("pg_current_snapshot").IsBuiltIn();
        modelBuilder.HasDbFunction(() => OldestOpenTransaction("")).HasName("pg_snapshot_xmin").IsBuiltIn().HasStoreType("xid8");
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

using Microsoft.EntityFrameworkCore;

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
            pour.Property(p => p.KegId).HasColumnName("keg_id");
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
            tap.Property(t => t.Name).HasColumnName("name");
            tap.Property(t => t.RegisteredAt).HasColumnName("registered_at");
            tap.Property(t => t.TokenHash).HasColumnName("token_hash");
        });
        modelBuilder.Entity<GlassTotals>(glass =>
        {
            glass.ToTable("glass_totals").HasKey(g => g.Glass);
            glass.Property(g => g.Glass).HasColumnName("glass").HasConversion<short>();
            glass.Property(g => g.Pours).HasColumnName("pours");
            glass.Property(g => g.VolumeMl).HasColumnName("volume_ml");
        });
        modelBuilder.Entity<HourTotals>(hour =>
        {
            hour.ToTable("hour_totals").HasKey(h => h.Hour);
            hour.Property(h => h.Hour).HasColumnName("hour");
            hour.Property(h => h.Pours).HasColumnName("pours");
            hour.Property(h => h.VolumeMl).HasColumnName("volume_ml");
        });
        modelBuilder.Entity<Keg>(keg =>
        {
            keg.ToTable("kegs");
            keg.Property(k => k.Seq).HasColumnName("seq").ValueGeneratedOnAdd();
            keg.Property(k => k.Id).HasColumnName("id").ValueGeneratedNever();
            keg.Property(k => k.Beverage).HasColumnName("beverage");
            keg.Property(k => k.SizeMl).HasColumnName("size_ml");
            keg.Property(k => k.LevelMl).HasColumnName("level_ml");
            keg.Property(k => k.TapId).HasColumnName("tap_id");
            keg.Property(k => k.LowAt).HasColumnName("low_at");
        });
        modelBuilder.Entity<Meter>(meter =>
        {
            meter.ToTable("meters");
            meter.Property(m => m.Id).HasColumnName("id");
            meter.Property(m => m.Kind).HasColumnName("kind");
            meter.Property(m => m.Address).HasColumnName("address");
            meter.Property(m => m.User).HasColumnName("user_name");
            meter.Property(m => m.Secret).HasColumnName("secret");
            meter.Property(m => m.Active).HasColumnName("active");
            meter.Property(m => m.TotalEventsLogged).HasColumnName("total_events_logged");
            meter.Property(m => m.FirstTimestamp).HasColumnName("first_timestamp");
            meter.Property(m => m.LastTimestamp).HasColumnName("last_timestamp");
            meter.Property(m => m.LastError).HasColumnName("last_error");
        });
        modelBuilder.Entity<StoredReading>(reading =>
        {
            reading.ToTable("readings");
            reading.Property(r => r.Seq).HasColumnName("seq").ValueGeneratedOnAdd();
            reading.Property(r => r.Id).HasColumnName("id");
            reading.Property(r => r.Device).HasColumnName("device");
            reading.Property(r => r.ReceivedAt).HasColumnName("received_at");
            reading.Property(r => r.Body).HasColumnName("body");
        });
        modelBuilder.Entity<StoredMessage>(message =>
        {
            message.ToTable("messages");
            message.Property(m => m.Seq).HasColumnName("seq").ValueGeneratedOnAdd();
            message.Property(m => m.Id).HasColumnName("id");
            message.Property(m => m.ReceivedAt).HasColumnName("received_at");
            message.Property(m => m.Payload).HasColumnName("payload");
        });
        modelBuilder.Entity<StoredEvent>(activity =>
        {
            activity.ToTable("events");
            activity.Property(e => e.Seq).HasColumnName("seq").ValueGeneratedOnAdd();
            activity.Property(e => e.Id).HasColumnName("id");
            activity.Property(e => e.CreatedAt).HasColumnName("created_at");
            activity.Property(e => e.Component).HasColumnName("component");
            activity.Property(e => e.Environment).HasColumnName("environment");
            activity.Property(e => e.Email).HasColumnName("email");
            activity.Property(e => e.Message).HasColumnName("message");
            activity.Property(e => e.Data).HasColumnName("data");
        });
    }
}

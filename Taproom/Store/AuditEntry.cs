using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>audit</c>: somebody has changed something, or has tried to.</summary>
public sealed class AuditEntry
{
    /// <summary>Its number; a later one is higher.</summary>
    public long Id { get; init; }

    /// <summary>When; UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Who: the name of a user, <c>admin key</c>, <c>tap 7</c>; empty for nobody who is known.</summary>
    public required string Caller { get; init; }

    /// <summary>From where: the address of the caller, or of the browser that the dashboard calls for.</summary>
    public required string Address { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>What: the path, without query.</summary>
    public required string Path { get; init; }

    /// <summary>The HTTP status of the answer.</summary>
    public int Status { get; init; }

    /// <summary>What changed, in a short sentence without secrets; null where the call says it all.</summary>
    public string? Summary { get; init; }
}

/// <inheritdoc />
internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.Property(entry => entry.Id).UseIdentityAlwaysColumn();
        builder.HasIndex(entry => new { entry.At, entry.Id });
        builder.HasIndex(entry => new
        {
            entry.Caller,
            entry.At,
            entry.Id,
        });
    }
}

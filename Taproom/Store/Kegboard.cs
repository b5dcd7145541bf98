using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>kegboards</c>: a controller of Kegbot's that has asked to be let in, or was.</summary>
public sealed class Kegboard
{
    /// <summary>Its name, as it gives it.</summary>
    public required string Device { get; init; }

    /// <summary>What a person has decided about it.</summary>
    public KegboardState State { get; set; }

    /// <summary>The tap of each of its meters, in the order of their numbers.</summary>
    public int[] Taps { get; set; } = [];

    /// <summary>The SHA-256 of its token; null before it has one.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>Whether it is given a new token when it asks next.</summary>
    public bool TokenDue { get; set; }

    /// <summary>When it asked to be let in without having a token, the last time; UTC, null when it never did.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>When it was given its token; UTC, null before.</summary>
    public DateTimeOffset? TokenGivenAt { get; init; }

    /// <summary>When it was heard of first; UTC.</summary>
    public DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was heard of last; UTC.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>The address that it came from last; null before it was heard of.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Its firmware's version; null until it has said so.</summary>
    public string? Firmware { get; init; }

    /// <summary>How many events it had to drop since it was switched on, by its own count.</summary>
    public long EventsDropped { get; init; }
}

/// <summary>What a person has decided about a Kegboard.</summary>
public enum KegboardState
{
    /// <summary>Nothing yet.</summary>
    Pending,

    /// <summary>What it sends is taken in.</summary>
    Allowed,

    /// <summary>It is not let in.</summary>
    Denied,
}

/// <inheritdoc />
internal sealed class KegboardConfiguration : IEntityTypeConfiguration<Kegboard>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Kegboard> builder)
    {
        builder.HasKey(board => board.Device);
        builder.Property(board => board.Device).UseCollation("C");
        builder.Property(board => board.State).HasConversion<short>();
    }
}

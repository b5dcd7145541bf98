using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>sessions</c>: a user that has signed in.</summary>
public sealed class UserSession
{
    /// <summary>SHA-256 of its token. A token has 256 random bits, so a plain hash protects it.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>Who has signed in.</summary>
    public Guid UserId { get; init; }

    /// <summary>When; UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends; UTC.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When its token was used last, to a minute; UTC.</summary>
    public DateTimeOffset LastUsedAt { get; init; }
}

/// <inheritdoc />
internal sealed class UserSessionConfiguration : IEntityTypeConfiguration<UserSession>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<UserSession> builder)
    {
        builder.HasKey(session => session.TokenHash);
        builder.HasIndex(session => session.ExpiresAt);
        builder.HasOne<User>().WithMany().HasForeignKey(session => session.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>users</c>: a person who may sign in.</summary>
public sealed class User
{
    /// <summary>Its id, a UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>The name, as an admin wrote it; it never changes, because the audit names people by it.</summary>
    public required string Name { get; init; }

    /// <summary>The name in the form in which no two are equal, see <see cref="Normalize"/>.</summary>
    public required string NormalizedName { get; init; }

    /// <summary>The password as ASP.NET Core Identity's hasher keeps it, with its salt and its number of rounds.</summary>
    public required string PasswordHash { get; init; }

    /// <summary>What it may do: <c>viewer</c>, <c>staff</c> or <c>admin</c>.</summary>
    public required string Role { get; init; }

    /// <summary>When it was made; UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Tries to sign in since the last one that went well.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>Until when nobody can sign in with this name; UTC, null when somebody can.</summary>
    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>The form in which names are compared: no difference between cases, nor between two ways to write one character.</summary>
    public static string Normalize(string name) => name.Normalize(System.Text.NormalizationForm.FormKC).ToUpperInvariant();
}

/// <inheritdoc />
internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable(table => table.HasCheckConstraint("CK_users_role", "role IN ('viewer', 'staff', 'admin')"));
        builder.Property(user => user.Id).ValueGeneratedNever();
        builder.HasIndex(user => user.NormalizedName).IsUnique();
    }
}

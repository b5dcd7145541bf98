using Ingest.Api.Http;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Access;

/// <summary>Adds, changes and removes users. Whoever gets another password or role, or is removed, is signed out everywhere.</summary>
internal sealed class UserRegistry(TaproomDb db, Passwords passwords, TimeProvider time)
{
    /// <summary>Adds a user.</summary>
    /// <returns>The user; null when there is one of that name.</returns>
    public async Task<User?> AddAsync(UserPost post, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            Name = post.Name,
            NormalizedName = User.Normalize(post.Name),
            PasswordHash = passwords.Hash(post.Password),
            Role = post.Role,
            CreatedAt = now,
        };
        var added = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO users (id, name, normalized_name, password_hash, role, created_at, failed_attempts)
            VALUES ({user.Id}, {user.Name}, {user.NormalizedName}, {user.PasswordHash}, {user.Role}, {now}, 0)
            ON CONFLICT (normalized_name) DO NOTHING
            """,
            cancellationToken
        );
        return added > 0 ? user : null;
    }

    /// <summary>Changes what is given of a user, and ends its sessions.</summary>
    /// <param name="id">The user.</param>
    /// <param name="password">A new password, or null.</param>
    /// <param name="role">Another role, or null.</param>
    /// <param name="keepsAnAdmin">Whether the last admin has to stay one.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task<UserChange> ChangeAsync(Guid id, string? password, string? role, bool keepsAnAdmin, CancellationToken cancellationToken)
    {
        var hash = password is null ? null : passwords.Hash(password);
        return ChangeAsync(
            id,
            keepsAnAdmin && role is not null and not Roles.Admin,
            async () =>
                await db.Database.ExecuteSqlAsync(
                    $"""
                    UPDATE users SET
                        role = coalesce({role}::text, role), password_hash = coalesce({hash}::text, password_hash),
                        failed_attempts = CASE WHEN {hash}::text IS NULL THEN failed_attempts ELSE 0 END,
                        locked_until = CASE WHEN {hash}::text IS NULL THEN locked_until END
                    WHERE id = {id}
                    """,
                    cancellationToken
                ) > 0
                && await db.Sessions.Where(session => session.UserId == id).ExecuteDeleteAsync(cancellationToken) >= 0,
            cancellationToken
        );
    }

    /// <summary>Removes a user and ends its sessions.</summary>
    /// <param name="id">The user.</param>
    /// <param name="keepsAnAdmin">Whether the last admin has to stay.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task<UserChange> RemoveAsync(Guid id, bool keepsAnAdmin, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            keepsAnAdmin,
            async () => await db.Users.Where(user => user.Id == id).ExecuteDeleteAsync(cancellationToken) > 0,
            cancellationToken
        );

    private async Task<UserChange> ChangeAsync(Guid id, bool keepsAnAdmin, Func<Task<bool>> change, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (keepsAnAdmin)
        {
            // Locked, so that two admins who remove each other do it one after the other.
            var admins = await db
                .Database.SqlQuery<Guid>($"""SELECT id AS "Value" FROM users WHERE role = {Roles.Admin} ORDER BY id FOR UPDATE""")
                .ToListAsync(cancellationToken);
            if (admins is [var last] && last == id)
            {
                return UserChange.IsLastAdmin;
            }
        }

        var isDone = await change();
        await transaction.CommitAsync(cancellationToken);
        return isDone ? UserChange.Done : UserChange.NoSuchUser;
    }
}

/// <summary>What became of a change of a user.</summary>
internal enum UserChange
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such user.</summary>
    NoSuchUser,

    /// <summary>Nobody would be an admin any more.</summary>
    IsLastAdmin,
}

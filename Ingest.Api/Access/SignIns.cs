using Ingest.Api.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Ingest.Api.Access;

/// <summary>Checks passwords and begins sessions.</summary>
internal sealed class SignIns(TaproomDb db, Passwords passwords, IOptions<AccessOptions> options, TimeProvider time)
{
    /// <summary>Most sessions of one user; a new one ends the oldest.</summary>
    public const int MaxSessions = 50;

    /// <summary>How long every refusal takes: longer than what is done for a name that exists and not for another.</summary>
    private static readonly TimeSpan RefusalTime = TimeSpan.FromSeconds(0.5);

    /// <summary>Begins a session.</summary>
    /// <returns>The session with its token, which cannot be read again; null when name and password do not fit, or the name is locked.</returns>
    public async Task<(Session Session, string Token)?> SignInAsync(string name, string password, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        if (await CheckAsync(name, password, cancellationToken) is { } user && await BeginAsync(user, cancellationToken) is { } begun)
        {
            return begun;
        }

        var left = RefusalTime - time.GetElapsedTime(startedAt);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, cancellationToken);
        }

        return null;
    }

    /// <summary>Whether a password is the user's. Each try counts before it is checked, so that many at once are no more than one after another.</summary>
    /// <returns>The user; null when it is not, there is no such user, or the name is locked.</returns>
    public async Task<CheckedUser?> CheckAsync(string name, string password, CancellationToken cancellationToken)
    {
        var (normalized, now, most) = (User.Normalize(name), time.GetUtcNow(), options.Value.MaxFailures);
        var until = now + options.Value.LockOut;
        var found = await db
            .Database.SqlQuery<CheckedUser>(
                $"""
                UPDATE users SET
                    failed_attempts = CASE WHEN locked_until IS NULL THEN failed_attempts ELSE 0 END + 1,
                    locked_until = CASE WHEN CASE WHEN locked_until IS NULL THEN failed_attempts ELSE 0 END + 1 >= {most} THEN {until} END
                WHERE normalized_name = {normalized} AND (locked_until IS NULL OR locked_until <= {now})
                RETURNING id AS "Id", name AS "Name", role AS "Role", password_hash AS "PasswordHash"
                """
            )
            .ToListAsync(cancellationToken);
        return passwords.Verify(found.SingleOrDefault()?.PasswordHash, password) ? found[0] : null;
    }

    /// <summary>Ends a session.</summary>
    public Task EndAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        db.Sessions.Where(session => session.TokenHash == tokenHash).ExecuteDeleteAsync(cancellationToken);

    // Whoever has another password or role meanwhile has to begin anew: sessions of the old one are ended.
    private async Task<(Session Session, string Token)?> BeginAsync(CheckedUser user, CancellationToken cancellationToken)
    {
        var (token, now) = (SessionTokens.Create(), time.GetUtcNow());
        var session = new Session(SessionTokens.Hash(token), user.Id, user.Name, user.Role, now + options.Value.SessionLifetime);
        var begun = await db.Database.ExecuteSqlAsync(
            $"""
            WITH forgiven AS (
                UPDATE users SET failed_attempts = 0, locked_until = NULL
                WHERE id = {user.Id} AND password_hash = {user.PasswordHash} AND role = {user.Role}
                RETURNING id
            ), ended AS (
                DELETE FROM sessions WHERE token_hash IN
                    (SELECT token_hash FROM sessions WHERE user_id = {user.Id} ORDER BY created_at DESC OFFSET {MaxSessions - 1})
                    OR (user_id = {user.Id} AND expires_at <= {now})
            )
            INSERT INTO sessions (token_hash, user_id, created_at, expires_at, last_used_at)
            SELECT {session.TokenHash}, id, {now}, {session.ExpiresAt}, {now} FROM forgiven
            """,
            cancellationToken
        );
        return begun > 0 ? (session, token) : null;
    }
}

/// <summary>A user whose password was right.</summary>
internal sealed record CheckedUser(Guid Id, string Name, string Role, string PasswordHash);

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Http;

/// <summary>The bearer tokens of users who have signed in.</summary>
internal static class SessionTokens
{
    /// <summary>How every token begins; no token of a tap does.</summary>
    public const string Prefix = "session_";

    private const int SecretBytes = 32;

    /// <summary>How exactly it is kept when a session was used last, so that not every call writes.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(1);

    /// <summary>Makes a new token.</summary>
    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The hash by which a token is kept.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Finds the session of a token that has not ended, and remembers that it was used; null when there is none.</summary>
    public static async Task<Session?> FindSessionAsync(this TaproomDb db, string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hash = Hash(token);
        var found = await db
            .Sessions.Where(session => session.TokenHash == hash && session.ExpiresAt > now)
            .Join(
                db.Users,
                session => session.UserId,
                user => user.Id,
                (session, user) =>
                    new { Session = new Session(session.TokenHash, user.Id, user.Name, user.Role, session.ExpiresAt), session.LastUsedAt }
            )
            .SingleOrDefaultAsync(cancellationToken);
        if (found is not null && now - found.LastUsedAt >= UseGrain)
        {
            try
            {
                await db
                    .Sessions.Where(session => session.TokenHash == hash)
                    .ExecuteUpdateAsync(session => session.SetProperty(s => s.LastUsedAt, now), cancellationToken);
            }
            catch (Exception ex) when (FailureHandler.IsAway(ex))
            {
                // A store that takes no writes can still be read.
            }
        }

        return found?.Session;
    }
}

/// <summary>A user that has signed in.</summary>
/// <param name="TokenHash">By which its session is kept.</param>
/// <param name="UserId">Who.</param>
/// <param name="Name">The user's name.</param>
/// <param name="Role">What it may do, of <see cref="Roles"/>.</param>
/// <param name="ExpiresAt">When the session ends.</param>
internal sealed record Session(byte[] TokenHash, Guid UserId, string Name, string Role, DateTimeOffset ExpiresAt);

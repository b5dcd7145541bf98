using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;
using Taproom.Taps;

namespace Ingest.Api.Kegboards;

/// <summary>Which Kegboards may send, by the pairing of their protocol: an unknown one asks, a person decides, and it is given a token once.</summary>
internal sealed class KegboardRegistry(TaproomDb db, TimeProvider time)
{
    // Anybody may ask; those who do not know whether they may are kept from filling the table.
    private const int MaxPending = 100;
    private const string TokenPrefix = "kbe_";
    private const int TokenBytes = 32;

    /// <summary>The Kegboard of this name that has this token; null when there is none.</summary>
    public async Task<Kegboard?> AuthenticateAsync(string device, string token, CancellationToken cancellationToken) =>
        await db.Kegboards.SingleOrDefaultAsync(board => board.Device == device, cancellationToken)
            is { State: KegboardState.Allowed, TokenHash: { } hash } board
        && CryptographicOperations.FixedTimeEquals(hash, TapTokens.Hash(token))
            ? board
            : null;

    /// <summary>Notes that one has asked to be let in.</summary>
    /// <returns>What was decided; the token, where it is due, is told to it in this answer only.</returns>
    public async Task<(KegboardState State, string? Token)> AskAsync(string device, IPAddress? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO kegboards (device, state, taps, token_due, asked_at, first_seen, last_seen, address, events_dropped)
            SELECT {device}, {(short)KegboardState.Pending}, ARRAY[]::integer[], false, {now}, {now}, {now}, {address}, 0
            WHERE EXISTS (SELECT FROM kegboards WHERE device = {device})
               OR (SELECT count(*) FROM kegboards WHERE state = {(short)KegboardState.Pending}) < {MaxPending}
            ON CONFLICT (device) DO UPDATE SET asked_at = excluded.asked_at, last_seen = excluded.last_seen, address = excluded.address
            """,
            cancellationToken
        );
        var token = TokenPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var hash = TapTokens.Hash(token);
        // In one step: two replicas that are asked at once give one token.
        var given = await db
            .Kegboards.Where(board => board.Device == device && board.State == KegboardState.Allowed && board.TokenDue)
            .ExecuteUpdateAsync(
                row =>
                    row.SetProperty(board => board.TokenHash, hash)
                        .SetProperty(board => board.TokenDue, false)
                        .SetProperty(board => board.TokenGivenAt, now),
                cancellationToken
            );
        if (given > 0)
        {
            return (KegboardState.Allowed, token);
        }

        var isDenied = await db.Kegboards.AnyAsync(board => board.Device == device && board.State == KegboardState.Denied, cancellationToken);
        return (isDenied ? KegboardState.Denied : KegboardState.Pending, null);
    }

    /// <summary>Notes that one was heard of, and what it said of itself.</summary>
    public Task SeenAsync(Kegboard board, IPAddress? address, KegboardStatus? status, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var firmware = status is null ? board.Firmware : Clean(status.FwVersion);
        var dropped = status?.EventsDropped ?? board.EventsDropped;
        return db
            .Kegboards.Where(seen => seen.Device == board.Device)
            .ExecuteUpdateAsync(
                row =>
                    row.SetProperty(seen => seen.LastSeen, now)
                        .SetProperty(seen => seen.Address, address)
                        .SetProperty(seen => seen.Firmware, firmware)
                        .SetProperty(seen => seen.EventsDropped, dropped),
                cancellationToken
            );
    }

    private static string Clean(string text) => new([.. text.Where(letter => !char.IsControl(letter)).Take(64)]);
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Taproom.Taps;

/// <summary>What is kept of a tap's tokens: their hashes. There are two at most, the second for the time until the tap has the first.</summary>
/// <param name="Current">SHA-256 of the newest token.</param>
/// <param name="Previous">SHA-256 of the one before; null when it is not valid any more.</param>
/// <param name="PreviousUntil">When that ends to be valid.</param>
public sealed record KeptTokens(byte[] Current, byte[]? Previous = null, DateTimeOffset? PreviousUntil = null)
{
    private const int BothBytes = (2 * SHA256.HashSizeInBytes) + sizeof(long);

    /// <summary>Whether a token with this hash is valid; takes as long for every hash.</summary>
    /// <param name="hash">The hash of the token.</param>
    /// <param name="now">The time.</param>
    public bool Match(byte[] hash, DateTimeOffset now) =>
        CryptographicOperations.FixedTimeEquals(hash, Current) | (CryptographicOperations.FixedTimeEquals(hash, Previous) & now < PreviousUntil);

    /// <summary>The form in which Redis has it: the one hash, or both and the time in Unix milliseconds.</summary>
    public byte[] ToBytes()
    {
        if (Previous is null || PreviousUntil is not { } until)
        {
            return Current;
        }

        byte[] bytes = [.. Current, .. Previous, .. stackalloc byte[sizeof(long)]];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(2 * SHA256.HashSizeInBytes), until.ToUnixTimeMilliseconds());
        return bytes;
    }

    /// <summary>Reads that form; null when there is nothing.</summary>
    public static KeptTokens? Read(byte[]? bytes) =>
        bytes switch
        {
            null => null,
            { Length: BothBytes } => new KeptTokens(
                bytes[..SHA256.HashSizeInBytes],
                bytes[SHA256.HashSizeInBytes..(2 * SHA256.HashSizeInBytes)],
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(2 * SHA256.HashSizeInBytes)))
            ),
            _ => new KeptTokens(bytes),
        };
}

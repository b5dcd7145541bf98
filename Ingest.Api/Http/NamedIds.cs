using System.Security.Cryptography;
using System.Text;

namespace Ingest.Api.Http;

/// <summary>Ids that come from a text, so that the same thing has the same id however often it is sent.</summary>
internal static class NamedIds
{
    private const int UuidLength = 16;

    /// <summary>A UUID of version 8 (RFC 9562, section 5.8): the beginning of the SHA-256 of the text.</summary>
    /// <param name="text">What names the thing, and sets it apart from things of other kinds.</param>
    public static Guid Of(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, UuidLength);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}

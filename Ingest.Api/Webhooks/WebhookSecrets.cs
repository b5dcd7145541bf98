using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Ingest.Api.Webhooks;

/// <summary>Makes, keeps and uses the keys of signatures, by the rules of Standard Webhooks (standardwebhooks.com, "Symmetric signatures").</summary>
internal sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    /// <summary>Most characters of a secret.</summary>
    public const int MaxLength = 100;

    private const string Prefix = "whsec_";
    private const int MinBytes = 24;
    private const int MaxBytes = 64;
    private const int NewBytes = 32;

    private readonly IDataProtector _protector = protection.CreateProtector("webhooks");

    /// <summary>A new random secret: <c>whsec_</c> and base64.</summary>
    public static string Create() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NewBytes));

    /// <summary>Reads a secret.</summary>
    public static bool TryParse(string secret, [NotNullWhen(true)] out byte[]? key)
    {
        var buffer = new byte[MaxLength];
        key =
            secret.Length <= MaxLength
            && secret.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[Prefix.Length..], buffer, out var length)
            && length is >= MinBytes and <= MaxBytes
                ? buffer[..length]
                : null;
        return key is not null;
    }

    /// <summary>Encrypts the key of a secret that is one.</summary>
    public byte[] Protect(string secret) =>
        TryParse(secret, out var key) ? _protector.Protect(key) : throw new ArgumentException("This is no secret.", nameof(secret));

    /// <summary>Signs a message.</summary>
    /// <param name="secret">The encrypted key.</param>
    /// <param name="id">Its <c>webhook-id</c>.</param>
    /// <param name="timestamp">Its <c>webhook-timestamp</c>.</param>
    /// <param name="body">Its body.</param>
    /// <returns>Its <c>webhook-signature</c>.</returns>
    /// <exception cref="CryptographicException">The key cannot be decrypted.</exception>
    public string Sign(byte[] secret, string id, string timestamp, byte[] body)
    {
        var signed = (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(_protector.Unprotect(secret), signed))}";
    }
}

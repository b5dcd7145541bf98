using System.Security.Cryptography;
using System.Text;
using Ingest.Api.Access;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Meters;

/// <summary>Encrypts the passwords of meters, which have to be sent and so cannot be hashed, by a key derived from the admin key.</summary>
/// <remarks>AES-GCM: nonce, tag, ciphertext. A new admin key makes them unreadable; the meters then need their passwords again.</remarks>
internal sealed class MeterSecrets(IOptionsMonitor<AdminOptions> admin)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int KeyBytes = 32;

    /// <summary>Encrypts a password.</summary>
    public byte[] Protect(string password)
    {
        var text = Encoding.UTF8.GetBytes(password);
        var secret = new byte[NonceBytes + TagBytes + text.Length];
        var nonce = secret.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Key(), TagBytes);
        aes.Encrypt(nonce, text, secret.AsSpan(NonceBytes + TagBytes), secret.AsSpan(NonceBytes, TagBytes));
        return secret;
    }

    /// <summary>Decrypts a password.</summary>
    /// <exception cref="CryptographicException">It was encrypted with another admin key.</exception>
    public string Unprotect(byte[] secret)
    {
        var text = new byte[secret.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(Key(), TagBytes);
        aes.Decrypt(secret.AsSpan(0, NonceBytes), secret.AsSpan(NonceBytes + TagBytes), secret.AsSpan(NonceBytes, TagBytes), text);
        return Encoding.UTF8.GetString(text);
    }

    private byte[] Key() =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(admin.CurrentValue.Key ?? ""), KeyBytes, info: "meters"u8.ToArray());
}

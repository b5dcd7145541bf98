using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Taproom;

/// <summary>How to reach Redis, beyond what its client reads from a connection string: an address, and the authorities of its certificate.</summary>
internal static class RedisAddress
{
    /// <summary>Name of the setting with the PEM file of the authorities that may have signed Redis' certificate.</summary>
    public const string CaSetting = "Redis:Ca";

    private const int Port = 6379;

    /// <summary>
    /// Reads <c>redis(s)://user:password@host:port/database</c> with user and password percent-encoded; null for a connection string in the
    /// client's own form.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is no such address; the message does not repeat it, it may hold a password.</exception>
    public static ConfigurationOptions? Parse(string? text)
    {
        if (
            text?.StartsWith("redis://", StringComparison.OrdinalIgnoreCase) != true
            && text?.StartsWith("rediss://", StringComparison.OrdinalIgnoreCase) != true
        )
        {
            return null;
        }

        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address is not { Host.Length: > 0, Query: "", Fragment: "" }
            || (address.AbsolutePath.Trim('/') is { Length: > 0 } path && !path.All(char.IsAsciiDigit))
        )
        {
            throw new InvalidOperationException(
                "The connection string of Redis must be host:port,password=... or redis(s)://user:password@host:port, with user and password percent-encoded."
            );
        }

        var user = address.UserInfo.Split(':', 2);
        return new ConfigurationOptions
        {
            EndPoints = { { address.IdnHost, address.Port > 0 ? address.Port : Port } },
            Ssl = address.Scheme == "rediss",
            User = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            DefaultDatabase = int.TryParse(address.AbsolutePath.Trim('/'), out var database) ? database : null,
        };
    }

    /// <summary>Trusts the authorities of a file only; the name of the host is checked as ever.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be used.</exception>
    public static void TrustOnly(this ConfigurationOptions options, string authorities)
    {
        var certificates = Authorities.Read(CaSetting, authorities);
        options.SslClientAuthenticationOptions = host =>
        {
            // A private authority usually has no service that tells which certificates it has revoked.
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(certificates);
            return new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy };
        };
    }
}

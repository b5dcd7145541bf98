using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Taproom;

/// <summary>How the dashboard tells the API for which browser it calls: encrypted with the keys that only the services share.</summary>
/// <remarks>So nobody else can pretend to be another address, and no list of trusted proxies has to be kept.</remarks>
public sealed class VisitorAddress(IDataProtectionProvider protection)
{
    /// <summary>The header field.</summary>
    public const string Header = "Taproom-Visitor";

    private const int MaxCharacters = 1_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("visitor address").ToTimeLimitedDataProtector();

    /// <summary>The value of the header field, for a minute.</summary>
    public string Write(IPAddress address) => _protector.Protect($"{address}", Lifetime);

    /// <summary>The address; null when nobody who has the keys wrote it, or not of late, or the keys cannot be read.</summary>
    public IPAddress? Read(string text)
    {
        try
        {
            return text.Length <= MaxCharacters && IPAddress.TryParse(_protector.Unprotect(text), out var address) ? address : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Taproom;

namespace Ingest.Api.Access;

/// <summary>How often one address may try to sign in: passwords are slow to check on purpose.</summary>
internal sealed class SignInLimit(IOptions<AccessOptions> options)
{
    /// <summary>What a call may take beyond what it may wait for the stores: passwords are slow to hash, and refusals wait on purpose.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TokenBuckets<string> _addresses = new(
        1,
        TimeSpan.FromMinutes(1) / options.Value.SignInsPerMinute,
        options.Value.SignInsPerMinute
    );

    /// <summary>Takes one try of an address.</summary>
    public RateLimitLease Take(string address) => _addresses.Take(address);
}

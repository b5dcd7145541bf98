using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using Taproom;

namespace Consumer.Worker.Archive;

/// <summary>Makes the HTTP client for the store, which trusts the authorities of a file only where there is one.</summary>
internal sealed class S3HttpClientFactory(string? authorities) : HttpClientFactory
{
    private readonly X509Certificate2Collection? _authorities = authorities is null ? null : Authorities.Read("Archive:S3:Ca", authorities);

    /// <inheritdoc />
    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (_authorities is not null)
        {
            // A private authority usually has no service that tells which certificates it has revoked.
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(_authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        // Who uploads has a time-out for the whole of it.
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}

using System.Diagnostics;

namespace Testing;

/// <summary>A real S3-compatible server, with one bucket.</summary>
public sealed class S3Server : LocalServer
{
    /// <summary>Its bucket.</summary>
    public const string Bucket = "taproom";

    /// <summary>Its access key, and the secret of that.</summary>
    public const string Key = "S3RVER";

    /// <summary>Its address.</summary>
    public string Url => $"http://127.0.0.1:{Port}";

    /// <inheritdoc />
    protected override ProcessStartInfo Command() => new(Path.Combine(Repository, "eng/local/s3"), [Port.ToString(), Path.Combine(DataPath, "data")]);

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient();
        try
        {
            // Refused without a signature, but answered.
            await http.GetAsync($"{Url}/{Bucket}");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

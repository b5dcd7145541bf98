using System.Diagnostics;
using System.Net.Sockets;

namespace Testing;

/// <summary>A real S3-compatible server, with one bucket.</summary>
public sealed class S3Server : LocalServer
{
    /// <summary>Its bucket.</summary>
    public const string Bucket = "taproom";

    private const string ObjectEnding = "._S3rver_object";

    /// <summary>Its access key, and the secret of that.</summary>
    public const string Key = "S3RVER";

    /// <summary>The files of its certificate and key, PEM; null for plain HTTP.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    /// <summary>The folder of its bucket; an object is a file with the ending <c>._S3rver_object</c>.</summary>
    public string BucketPath => Path.Combine(DataPath, "data", Bucket);

    /// <summary>Its address.</summary>
    public string Url => $"{(Tls is null ? "http" : "https")}://127.0.0.1:{Port}";

    /// <inheritdoc />
    protected override ProcessStartInfo Command()
    {
        RemoveHalfObjects();
        return new(
            Path.Combine(Repository, "eng/local/s3"),
            [Port.ToString(), Path.Combine(DataPath, "data"), .. Tls is { } files ? (string[])["--cert", files.Certificate, "--key", files.Key] : []]
        );
    }

    // A store has an object whole or not at all. This one, killed while it writes an object's metadata, which it does last, leaves half of
    // them, and answers 500 for that object ever after.
    private void RemoveHalfObjects()
    {
        foreach (var content in Directory.Exists(BucketPath) ? Directory.GetFiles(BucketPath, $"*{ObjectEnding}", SearchOption.AllDirectories) : [])
        {
            var metadata = new FileInfo($"{content[..^ObjectEnding.Length]}._S3rver_metadata.json");
            if (!metadata.Exists || !File.ReadAllText(metadata.FullName).EndsWith('}'))
            {
                metadata.Delete();
                File.Delete(content);
                File.Delete($"{content}.md5");
            }
        }
    }

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

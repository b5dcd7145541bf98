using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>What <see cref="StoreFront"/> does with a connection.</summary>
internal enum Serving
{
    /// <summary>It is passed on to the server.</summary>
    PassOn,

    /// <summary>It is cut at once.</summary>
    Away,

    /// <summary>Nothing is ever answered.</summary>
    Hang,

    /// <summary>The answer is 503, as a store that is asked too often gives it.</summary>
    SlowDown,

    /// <summary>The answer is 507, as a store that has no room gives it.</summary>
    Full,
}

/// <summary>A part of a real S3-compatible server that belongs to one test, behind a front that can fail.</summary>
internal sealed class StoreFront : IAsyncDisposable
{
    private readonly S3Server _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly string _prefix = Guid.NewGuid().ToString("N");
    private readonly Task _work;

    public StoreFront(S3Server server)
    {
        _server = server;
        _listener.Start();
        _work = AcceptAsync();
    }

    public Serving Serving { get; set; }

    public IEnumerable<(string Key, string? Value)> Settings =>
        [
            ("Archive:S3:ServiceUrl", $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"),
            ("Archive:S3:Bucket", S3Server.Bucket),
            ("Archive:S3:AccessKey", S3Server.Key),
            ("Archive:S3:SecretKey", S3Server.Key),
            ("Archive:S3:ForcePathStyle", "true"),
            ("Archive:S3:Prefix", _prefix),
        ];

    /// <summary>The keys of the objects, below the prefix.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        using var client = Client();
        var listed = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = S3Server.Bucket, Prefix = $"{_prefix}/" });
        Assert.False(listed.IsTruncated == true);
        return [.. (listed.S3Objects ?? []).Select(found => found.Key[(_prefix.Length + 1)..]).Order(StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<JsonObject>> LinesAsync(string key)
    {
        using var client = Client();
        using var found = await client.GetObjectAsync(S3Server.Bucket, $"{_prefix}/{key}");
        return ArchiveRun.LinesOfCompressed(found.ResponseStream);
    }

    /// <summary>The ids of all lines of all objects.</summary>
    public async Task<IReadOnlyList<Guid>> IdsAsync()
    {
        var ids = new List<Guid>();
        foreach (var key in await KeysAsync())
        {
            ids.AddRange(ArchiveRun.Ids(await LinesAsync(key)));
        }

        return ids;
    }

    public async Task PutAsync(string key, string content)
    {
        using var client = Client();
        var request = new PutObjectRequest
        {
            BucketName = S3Server.Bucket,
            Key = $"{_prefix}/{key}",
            ContentBody = content,
            UseChunkEncoding = false,
        };
        await client.PutObjectAsync(request);
    }

    public async Task<string> TextAsync(string key)
    {
        using var client = Client();
        using var found = await client.GetObjectAsync(S3Server.Bucket, $"{_prefix}/{key}");
        return await new StreamReader(found.ResponseStream).ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _work;
        _end.Dispose();
    }

    private AmazonS3Client Client() =>
        new(
            new BasicAWSCredentials(S3Server.Key, S3Server.Key),
            new AmazonS3Config
            {
                ServiceURL = _server.Url,
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
        );

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (Exception ex) when (ex is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(served);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await ServeAsync(client.GetStream(), Serving);
            }
            catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException)
            {
                // The client is gone, or the test over.
            }
        }
    }

    private async Task ServeAsync(NetworkStream stream, Serving serving)
    {
        switch (serving)
        {
            case Serving.PassOn:
                using (var server = new TcpClient())
                {
                    await server.ConnectAsync(IPAddress.Loopback, _server.Port, _end.Token);
                    // Ends with either side; a connection that is kept alive must not outlive a change of mind.
                    await Task.WhenAny(stream.CopyToAsync(server.GetStream(), _end.Token), server.GetStream().CopyToAsync(stream, _end.Token));
                }

                break;
            case Serving.Hang:
                await Task.Delay(Timeout.Infinite, _end.Token);
                break;
            case Serving.SlowDown or Serving.Full:
                _ = await stream.ReadAsync(new byte[65_536], _end.Token);
                var (status, code) = serving is Serving.Full ? ("507 Insufficient Storage", "InsufficientStorage") : ("503 Slow Down", "SlowDown");
                var body = $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Not now.</Message></Error>";
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                    ),
                    _end.Token
                );
                break;
        }
    }
}

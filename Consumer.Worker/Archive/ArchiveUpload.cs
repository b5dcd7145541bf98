using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Consumer.Worker.Archive;

/// <summary>Uploads compressed files to an S3-compatible store; what is there is never overwritten with something else.</summary>
/// <remarks>
/// The first file of a tap's hour gets the key without a suffix. Others of the same hour, of another worker or with late entries, get a
/// suffix made from their content, so a file that is uploaded again lands where it was.
/// </remarks>
internal sealed class ArchiveUpload : IDisposable
{
    private const string Hash = "sha256";

    private readonly IConnectionMultiplexer _redis;
    private readonly ArchiveS3Options _options;
    private readonly string _lockPrefix;
    private readonly TimeProvider _time;
    private readonly AmazonS3Client? _client;

    public ArchiveUpload(IConnectionMultiplexer redis, IOptions<ArchiveOptions> options, IOptions<IngestOptions> ingest, TimeProvider time)
    {
        (_redis, _options, _lockPrefix, _time) = (redis, options.Value.S3, ingest.Value.ArchiveKey, time);
        if (_options.Bucket is null)
        {
            return;
        }

        var config = new AmazonS3Config
        {
            AuthenticationRegion = _options.Region,
            ForcePathStyle = _options.ForcePathStyle,
            // The client's new checksums are sent in trailers, which many stores other than AWS do not know.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            // The next turn tries again.
            MaxErrorRetry = 0,
            HttpClientFactory = new S3HttpClientFactory(_options.Ca),
        };
        if (_options.ServiceUrl is null)
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(_options.Region);
        }
        else
        {
            config.ServiceURL = _options.ServiceUrl;
        }

        _client = string.IsNullOrEmpty(_options.AccessKey)
            ? new AmazonS3Client(config)
            : new AmazonS3Client(new BasicAWSCredentials(_options.AccessKey, _options.SecretKey), config);
    }

    /// <summary>Whether there is a store to upload to.</summary>
    public bool IsOn => _client is not null;

    /// <inheritdoc />
    public void Dispose() => _client?.Dispose();

    /// <summary>Uploads a file; when it returns true, the store has it.</summary>
    /// <param name="hour">When its hour begins.</param>
    /// <param name="file">The compressed file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False while another worker uploads to the same key.</returns>
    /// <exception cref="AmazonServiceException">The store refused.</exception>
    /// <exception cref="HttpRequestException">The store cannot be reached.</exception>
    /// <exception cref="TimeoutException">The store did not answer in time.</exception>
    public async Task<bool> UploadAsync(DateTimeOffset hour, FileInfo file, CancellationToken cancellationToken)
    {
        var name = $"{_options.Prefix}/{ArchiveNames.Key(hour, file.Name)}";
        string hash;
        await using (var content = file.OpenRead())
        {
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        }

        // Not every store knows If-None-Match, so workers also agree among themselves.
        var (key, token, database) = ($"{_lockPrefix}:{name}", Guid.NewGuid().ToString("N"), _redis.GetDatabase());
        if (!await database.LockTakeAsync(key, token, 2 * _options.Timeout))
        {
            return false;
        }

        using var patience = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await UploadOnceAsync(name, hash, file, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException($"The store took more than {_options.Timeout} for one file.");
        }
        finally
        {
            await database.LockReleaseAsync(key, token).ConfigureAwait(false);
        }
    }

    private async Task UploadOnceAsync(string name, string hash, FileInfo file, CancellationToken cancellationToken)
    {
        var (first, part) = (name + ArchiveNames.Compressed, ArchiveNames.Part(name, hash) + ArchiveNames.Compressed);
        if (await HashOfAsync(first, cancellationToken) is { } found)
        {
            if (found != hash)
            {
                await PutAsync(part, hash, file, onlyIfNew: false, cancellationToken);
            }

            return;
        }

        try
        {
            await PutAsync(first, hash, file, onlyIfNew: true, cancellationToken);
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode is HttpStatusCode.PreconditionFailed)
        {
            // Somebody outside this Taproom was faster.
            await PutAsync(part, hash, file, onlyIfNew: false, cancellationToken);
        }
    }

    /// <summary>The hash of an object, empty when it was not uploaded by this; null when there is none.</summary>
    private async Task<string?> HashOfAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return (await _client!.GetObjectMetadataAsync(_options.Bucket, key, cancellationToken)).Metadata[Hash] ?? "";
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task PutAsync(string key, string hash, FileInfo file, bool onlyIfNew, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = key,
            FilePath = file.FullName,
            ContentType = "application/gzip",
            // Signed as a whole: stores differ in how they take signed chunks.
            UseChunkEncoding = false,
            IfNoneMatch = onlyIfNew ? "*" : null,
        };
        request.Metadata[Hash] = hash;
        await _client!.PutObjectAsync(request, cancellationToken);
    }
}

using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Taps;

/// <summary>The tokens of taps as every front door knows them: hashed, in Redis, copied from the registry in Postgres.</summary>
/// <remarks>
/// A token is <c>{tapId}.{secret}</c>; over MQTT it is the password of user <c>{tapId}</c>, over HTTP the bearer token. Its secret
/// has 256 random bits, so a plain hash protects it.
/// </remarks>
public sealed class TapTokens(IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    private const int SecretBytes = 32;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    // Tells a registry without tokens from one that Redis has lost.
    private static readonly RedisValue LoadedField = "loaded";

    private readonly RedisKey _key = options.Value.TokensKey;

    /// <summary>Makes a new token.</summary>
    public static string Create(int tapId) =>
        string.Create(CultureInfo.InvariantCulture, $"{tapId}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");

    /// <summary>The tap that a token claims to be of; false when the text has not the form of a token.</summary>
    public static bool TryGetTap(string token, out int tapId)
    {
        tapId = 0;
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && int.TryParse(token.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out tapId) && tapId > 0;
    }

    /// <summary>The hash by which a token is kept.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Whether a token is the one with this hash; takes as long for every token.</summary>
    public static bool Matches(string token, byte[]? hash) =>
        hash is not null && CryptographicOperations.FixedTimeEquals(Hash(token), hash);

    /// <summary>Whether a token is the one of a tap; null when Redis does not hold the registry, so that nobody can tell from here.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<bool?> VerifyAsync(int tapId, string token)
    {
        var found = await redis.GetDatabase().HashGetAsync(_key, [tapId, LoadedField]).WaitAsync(AnswerTimeout);
        return found[1].IsNull ? null : Matches(token, found[0]);
    }

    /// <summary>Whether Redis holds the registry.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task<bool> IsLoadedAsync() => redis.GetDatabase().HashExistsAsync(_key, LoadedField);

    /// <summary>Changes one tap's token for every front door.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="hash">Hash of its token, or null when it has none any more.</param>
    public Task SetAsync(int tapId, byte[]? hash) => hash is null
        ? redis.GetDatabase().HashDeleteAsync(_key, tapId)
        : redis.GetDatabase().HashSetAsync(_key, tapId, hash);

    /// <summary>Replaces everything that Redis holds by what the registry says.</summary>
    /// <param name="hashes">Hashes by tap id.</param>
    public async Task LoadAsync(IReadOnlyDictionary<int, byte[]> hashes)
    {
        var transaction = redis.GetDatabase().CreateTransaction();
        HashEntry[] fields = [new(LoadedField, 1), .. hashes.Select(tap => new HashEntry(tap.Key, tap.Value))];
        Task[] done = [transaction.KeyDeleteAsync(_key), transaction.HashSetAsync(_key, fields)];
        await transaction.ExecuteAsync();
        await Task.WhenAll(done);
    }
}

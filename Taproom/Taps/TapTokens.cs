using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;

namespace Taproom.Taps;

/// <summary>The tokens of taps as every front door knows them: hashed, in Redis, copied from the registry in Postgres.</summary>
/// <remarks>
/// A token is <c>{tapId}.{secret}</c>; over MQTT it is the password of user <c>{tapId}</c>, over HTTP the bearer token. Its secret
/// has 256 random bits, so a plain hash protects it.
/// </remarks>
public sealed class TapTokens(IConnectionMultiplexer redis, Subscriptions subscriptions, IOptions<IngestOptions> options, TimeProvider time)
{
    private const int SecretBytes = 32;

    // Tells a registry without tokens from one that Redis has lost.
    private static readonly RedisValue LoadedField = "loaded";

    private readonly RedisKey _key = options.Value.TokensKey;

    private RedisChannel Channel => RedisChannel.Literal(options.Value.TokensKey);

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

    /// <summary>Whether a token is one of a tap; null when Redis does not hold the registry, so that nobody can tell from here.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<bool?> VerifyAsync(int tapId, string token) => (await VerifyAllAsync([(tapId, Hash(token))]))[0];

    /// <summary>Whether tokens with these hashes are tokens of these taps, as <see cref="VerifyAsync"/> tells it of one.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IReadOnlyList<bool?>> VerifyAllAsync(IReadOnlyList<(int TapId, byte[] Hash)> claims)
    {
        RedisValue[] fields = [.. claims.Select(claim => (RedisValue)claim.TapId), LoadedField];
        var found = await redis.GetDatabase().HashGetAsync(_key, fields).WaitAsync(Deadlines.Lookup, time);
        var now = time.GetUtcNow();
        return [.. claims.Select((claim, n) => found[^1].IsNull ? (bool?)null : KeptTokens.Read(found[n])?.Match(claim.Hash, now) ?? false)];
    }

    /// <summary>Whether Redis holds the registry.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task<bool> IsLoadedAsync() => redis.GetDatabase().HashExistsAsync(_key, LoadedField);

    /// <summary>Whether a tap has a token.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task<bool> HasTokenAsync(int tapId) => redis.GetDatabase().HashExistsAsync(_key, tapId);

    /// <summary>Changes one tap's tokens for every front door, and tells the bridges.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="kept">What is kept of its tokens (<see cref="KeptTokens.ToBytes"/>; one hash is enough), or null when it has none any more.</param>
    public async Task SetAsync(int tapId, byte[]? kept)
    {
        var database = redis.GetDatabase();
        await (kept is null ? database.HashDeleteAsync(_key, tapId) : database.HashSetAsync(_key, tapId, kept));
        await redis.GetSubscriber().PublishAsync(Channel, tapId);
    }

    /// <summary>Calls <paramref name="changed"/> with each tap whose tokens change from now on.</summary>
    public Task ListenAsync(Action<int> changed, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(Channel, tapId => changed((int)tapId), cancellationToken);

    /// <summary>Replaces everything that Redis holds by what the registry says.</summary>
    /// <param name="kept">What is kept of the tokens, by tap id, as in <see cref="SetAsync"/>.</param>
    public async Task LoadAsync(IReadOnlyDictionary<int, byte[]> kept)
    {
        var transaction = redis.GetDatabase().CreateTransaction();
        HashEntry[] fields = [new(LoadedField, 1), .. kept.Select(tap => new HashEntry(tap.Key, tap.Value))];
        Task[] done = [transaction.KeyDeleteAsync(_key), transaction.HashSetAsync(_key, fields)];
        await transaction.ExecuteAsync();
        await Task.WhenAll(done);
    }
}

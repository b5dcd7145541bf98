using Ingest.Api.Http;
using OpenTelemetry;
using Taproom.Store;
using Taproom.Taps;

namespace Ingest.Api.Taps;

/// <summary>Copies the registry's tokens to Redis: at once when Redis has lost them, and now and then in case a copy failed.</summary>
internal sealed partial class TokenUpkeep(TapTokens tokens, IServiceScopeFactory scopes, TimeProvider time, ILogger<TokenUpkeep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReloadPeriod = TimeSpan.FromMinutes(1);

    private long? _loadedAt;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await HealAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(ex.Message);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Loads the tokens where that is due.</summary>
    /// <returns>Whether it was.</returns>
    internal async Task<bool> HealAsync(CancellationToken cancellationToken)
    {
        var isFresh = _loadedAt is { } loadedAt && time.GetElapsedTime(loadedAt) < ReloadPeriod;
        if (isFresh && await tokens.IsLoadedAsync())
        {
            return false;
        }

        // It is due every minute, and would be traces of its own.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var taps = scope.ServiceProvider.GetRequiredService<TaproomDb>().Taps;
        var kept = await ReadAsync(taps, cancellationToken);
        Dictionary<int, byte[]> loaded;
        do
        {
            // A token that is replaced between reading and loading would be gone from Redis: then what was read has changed.
            loaded = kept;
            await tokens.LoadAsync(loaded);
            kept = await ReadAsync(taps, cancellationToken);
        } while (!AreEqual(kept, loaded));

        _loadedAt = time.GetTimestamp();
        return true;
    }

    private static async Task<Dictionary<int, byte[]>> ReadAsync(IQueryable<TapTotals> taps, CancellationToken cancellationToken) =>
        (await taps.KeptAsync(cancellationToken)).ToDictionary(tap => tap.Key, tap => tap.Value.ToBytes());

    private static bool AreEqual(Dictionary<int, byte[]> kept, Dictionary<int, byte[]> loaded) =>
        kept.Count == loaded.Count && kept.All(tap => loaded.TryGetValue(tap.Key, out var other) && tap.Value.AsSpan().SequenceEqual(other));

    [LoggerMessage(LogLevel.Warning, "Tokens could not be copied to Redis: {Message}")]
    private partial void LogFailed(string message);
}

using System.Text;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Outbound;
using OpenTelemetry;
using StackExchange.Redis;
using Taproom;
using Taproom.Signals;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>Announces registered taps to Home Assistant, and keeps their retained states right.</summary>
/// <remarks>
/// It hears of commits and changes, and reads all changed taps in one query, at most once in <see cref="HomeAssistantOptions.Interval"/>.
/// While nothing happens it asks Postgres nothing; every ten seconds it looks at the clock, and asks Redis who is online, because a bridge
/// that is killed cannot say that its taps are not.
/// </remarks>
internal sealed partial class TapAnnouncer : BackgroundService
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(30);

    // Of many taps that come and go at once Redis is asked together.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly TapFiguresQuery _query;
    private readonly TapPresence _presence;
    private readonly Receipts _receipts;
    private readonly Deletions _deletions;
    private readonly TapChanges _changes;
    private readonly IConnectionMultiplexer _redis;
    private readonly HomeAssistantOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeZoneInfo _zone;
    private readonly AnnouncementBoard[] _boards;
    private readonly ChangedTaps _changed = new();
    private readonly Dictionary<int, TapFigures> _taps = [];
    private readonly Dictionary<int, bool> _online = [];
    private readonly Dictionary<string, byte[]> _wanted = new() { [HomeAssistantTopics.Status] = Encoding.UTF8.GetBytes("online") };
    private LocalDay? _day;

    public TapAnnouncer(
        TapFiguresQuery query,
        IEnumerable<IRetainedPublisher> publishers,
        PresenceRelay relay,
        TapPresence presence,
        Receipts receipts,
        Deletions deletions,
        TapChanges changes,
        IConnectionMultiplexer redis,
        IOptions<HomeAssistantOptions> options,
        TimeProvider time,
        ILogger<TapAnnouncer> logger
    )
    {
        (_query, _presence, _receipts, _deletions, _changes, _redis) = (query, presence, receipts, deletions, changes, redis);
        (_options, _time, _logger) = (options.Value, time, logger);
        _zone = _options.Zone;
        _boards = [.. publishers.Select(BoardOf)];
        relay.Changed += _changed.Look;
    }

    /// <summary>One turn: reads what has changed, and publishes what is new.</summary>
    /// <returns>Whether there was any of it.</returns>
    internal async Task<bool> TurnAsync(CancellationToken cancellationToken)
    {
        // A turn every few seconds would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        var (tapIds, pourIds) = _changed.Take();
        try
        {
            var now = _time.GetUtcNow();
            if (_day?.Contains(now) is not true)
            {
                // All counts begin again, pour or not.
                (_day, tapIds) = (LocalDay.Of(now, _zone), null);
            }

            var hasRead = tapIds is not { Length: 0 } || pourIds.Length > 0;
            if (hasRead)
            {
                Replace(tapIds, await _query.ReadAsync(tapIds, pourIds, _day, cancellationToken));
            }

            await LookWhoIsOnlineAsync(now);
            var published = false;
            foreach (var board in _boards)
            {
                published |= await board.PublishAsync(_wanted, cancellationToken);
            }

            return hasRead || published;
        }
        catch
        {
            _changed.AddAll();
            throw;
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogStarted(_options.DiscoveryPrefix, _options.TimeZone, string.IsNullOrEmpty(_options.User) ? "no account" : "an account");
        await _receipts.SubscribeAsync(receipt => _changed.Add(receipt.Tap), stoppingToken);
        await _deletions.SubscribeAsync(_changed.AddDeleted, stoppingToken);
        await _changes.SubscribeAsync(_changed.Add, stoppingToken);
        // What was told meanwhile nobody has heard here.
        _redis.ConnectionRestored += (_, _) => _changed.AddAll();
        await using var timer = _time.CreateTimer(_ => _changed.Look(), null, TimeSpan.Zero, TapPresence.Period);
        for (var failures = 0; !stoppingToken.IsCancellationRequested; )
        {
            await _changed.WaitAsync(stoppingToken);
            try
            {
                var isBusy = await TurnAsync(stoppingToken);
                failures = 0;
                await Task.Delay(isBusy ? _options.Interval : ShortestPause, _time, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // What is retained stays as it is, and pours do not wait for this.
                LogFailed(ex.Message);
                await Task.Delay(Backoff.After(++failures, MaxBackoff), _time, stoppingToken);
            }
        }
    }

    private AnnouncementBoard BoardOf(IRetainedPublisher publisher)
    {
        var board = new AnnouncementBoard(publisher);
        publisher.Renewed += () =>
        {
            board.Forget();
            _changed.Look();
        };
        return board;
    }

    private void Replace(int[]? tapIds, IReadOnlyList<TapFigures> read)
    {
        // Those that were asked for and not found are not registered any more.
        var found = read.Select(tap => tap.TapId).ToHashSet();
        foreach (var tapId in (tapIds ?? [.. _taps.Keys]).Where(tapId => !found.Contains(tapId)))
        {
            _taps.Remove(tapId);
            _online.Remove(tapId);
            _wanted.Remove(HomeAssistantTopics.StateOf(tapId));
            _wanted.Remove(HomeAssistantTopics.ConfigOf(_options.DiscoveryPrefix, tapId));
        }

        foreach (var tap in read)
        {
            _taps[tap.TapId] = tap;
            // Its state is written again, whoever is online.
            _online.Remove(tap.TapId);
            _wanted[HomeAssistantTopics.ConfigOf(_options.DiscoveryPrefix, tap.TapId)] = DiscoveryConfig.Of(tap).ToJson();
        }
    }

    private async Task LookWhoIsOnlineAsync(DateTimeOffset now)
    {
        var connected = await _presence.FindAsync([.. _taps.Keys]);
        foreach (var tap in _taps.Values)
        {
            var isOnline = TapPresence.IsOnline(connected.TryGetValue(tap.TapId, out var isConnected) ? isConnected : null, tap.LastSeen, now);
            if (!_online.TryGetValue(tap.TapId, out var was) || was != isOnline)
            {
                _online[tap.TapId] = isOnline;
                _wanted[HomeAssistantTopics.StateOf(tap.TapId)] = TapState.Of(tap, isOnline, _day!).ToJson();
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Announces taps to Home Assistant below {Prefix}/, with days of {TimeZone} and {Account} at the listener.")]
    private partial void LogStarted(string prefix, string timeZone, string account);

    [LoggerMessage(LogLevel.Warning, "Home Assistant hears nothing new of the taps at the moment: {Message}")]
    private partial void LogFailed(string message);
}

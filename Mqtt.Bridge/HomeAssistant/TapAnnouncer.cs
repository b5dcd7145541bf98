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
internal sealed partial class TapAnnouncer(
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
) : BackgroundService
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(30);

    // Of many taps that come and go at once Redis is asked together.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly HomeAssistantOptions _options = options.Value;
    private readonly TimeZoneInfo _zone = options.Value.Zone;
    private readonly AnnouncementBoard[] _boards = [.. publishers.Select(publisher => new AnnouncementBoard(publisher))];
    private readonly ChangedTaps _changed = new(time);
    private readonly Dictionary<int, TapFigures> _taps = [];
    private readonly Dictionary<int, bool> _online = [];
    private readonly Dictionary<string, byte[]> _wanted = new() { [HomeAssistantTopics.Status] = "online"u8.ToArray() };
    private LocalDay? _day;

    /// <summary>One turn: reads what has changed, and publishes what is new.</summary>
    /// <returns>Whether there was any of it.</returns>
    internal async Task<bool> TurnAsync(CancellationToken cancellationToken)
    {
        // A turn every few seconds would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        var (tapIds, pourIds) = _changed.Take();
        try
        {
            var now = time.GetUtcNow();
            if (_day?.Contains(now) is not true)
            {
                // All counts begin again, pour or not.
                (_day, tapIds) = (LocalDay.Of(now, _zone), null);
            }

            var hasRead = tapIds is not { Length: 0 } || pourIds.Length > 0;
            if (hasRead)
            {
                Replace(tapIds, await query.ReadAsync(tapIds, pourIds, _day, cancellationToken));
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
        relay.Changed += _changed.Look;
        foreach (var (publisher, board) in publishers.Zip(_boards))
        {
            publisher.Renewed += board.Forget;
            publisher.Renewed += _changed.Look;
        }

        await receipts.SubscribeAsync(receipt => _changed.Add(receipt.Tap), stoppingToken);
        await deletions.SubscribeAsync(_changed.AddDeleted, stoppingToken);
        await changes.SubscribeAsync(_changed.Add, stoppingToken);
        // What was told meanwhile nobody has heard here.
        redis.ConnectionRestored += (_, _) => _changed.AddAll();
        await using var timer = time.CreateTimer(_ => _changed.Look(), null, TimeSpan.Zero, TapPresence.Period);
        // After a failure what is retained stays as it is, and pours do not wait for this.
        await new RetryLoop(MaxBackoff, (ex, _, _) => LogFailed(ex.Message), time).RunAsync(
            async cancellationToken =>
            {
                await _changed.WaitAsync(cancellationToken);
                var isBusy = await TurnAsync(cancellationToken);
                await Task.Delay(isBusy ? _options.Interval : ShortestPause, time, cancellationToken);
            },
            stoppingToken
        );
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
        var connected = await presence.FindAsync([.. _taps.Keys]);
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

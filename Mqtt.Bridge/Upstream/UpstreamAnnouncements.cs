using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.HomeAssistant;
using Taproom;

namespace Mqtt.Bridge.Upstream;

/// <summary>
/// Retains announcements for Home Assistant at the broker that this bridge has joined, while it leads there; and where taps are not announced
/// any more, removes what is left of them.
/// </summary>
/// <remarks>
/// It has a connection of its own, so that the session of taps' messages is the same with and without it, and that its will tells Home
/// Assistant when no bridge is there.
/// </remarks>
internal sealed partial class UpstreamAnnouncements : BackgroundService, IRetainedPublisher
{
    private static readonly TimeSpan LeadCheck = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    private readonly UpstreamLead _lead;
    private readonly AnnouncedTopics _topics;
    private readonly UpstreamOptions _upstream;
    private readonly HomeAssistantOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UpstreamAddress? _address;
    private readonly Channel<bool> _gained = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private volatile AnnouncementConnection? _connection;

    public UpstreamAnnouncements(
        UpstreamLead lead,
        AnnouncedTopics topics,
        IOptions<UpstreamOptions> upstream,
        IOptions<HomeAssistantOptions> options,
        TimeProvider time,
        ILogger<UpstreamAnnouncements> logger
    )
    {
        (_lead, _topics, _upstream, _options, _time, _logger) = (lead, topics, upstream.Value, options.Value, time, logger);
        _address = string.IsNullOrEmpty(_upstream.Upstream) ? null : UpstreamAddress.Of(_upstream.Upstream);
        lead.Gained += () => _gained.Writer.TryWrite(true);
    }

    /// <inheritdoc />
    public event Action? Renewed;

    /// <inheritdoc />
    public bool IsReady => _connection is not null && _lead.IsOurs;

    /// <inheritdoc />
    public Task<IReadOnlyCollection<string>> RetainedAsync() => _topics.ReadAsync(_address!);

    /// <inheritdoc />
    public async Task<bool> RetainAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        try
        {
            if (payload.Length > 0)
            {
                await _topics.AddAsync(_address!, topic);
            }

            await connection.RetainAsync(topic, payload, cancellationToken);
            if (payload.Length == 0)
            {
                await _topics.RemoveAsync(_address!, topic);
            }

            return true;
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            // The connection is given up, and with the next one all is published again.
            await connection.BreakAsync(ex.Message);
            return false;
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_address is null)
        {
            return;
        }

        for (var failures = 0; !stoppingToken.IsCancellationRequested; )
        {
            if (!_lead.IsOurs)
            {
                await _gained.Reader.ReadAsync(stoppingToken);
                continue;
            }

            try
            {
                if (!_options.Enabled)
                {
                    await RemoveAllAsync(stoppingToken);
                    return;
                }

                await AnnounceAsync(stoppingToken);
                failures = 0;
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(_address, ex.Message);
                await Task.Delay(Backoff.After(++failures, MaxBackoff), _time, stoppingToken);
            }
        }
    }

    private async Task AnnounceAsync(CancellationToken stoppingToken)
    {
        using var connection = new AnnouncementConnection(_address!, _upstream, _time);
        connection.Born += () => Renewed?.Invoke();
        await connection.OpenAsync(HomeAssistantTopics.Status, HomeAssistantTopics.BirthOf(_options.DiscoveryPrefix), stoppingToken);
        _connection = connection;
        try
        {
            Renewed?.Invoke();
            await WhileLeadingAsync(connection, stoppingToken);
        }
        finally
        {
            _connection = null;
            await CloseAsync(connection);
        }
    }

    private async Task WhileLeadingAsync(AnnouncementConnection connection, CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
        using var timer = new PeriodicTimer(LeadCheck, _time);
        try
        {
            while (_lead.IsOurs)
            {
                await timer.WaitForNextTickAsync(end.Token);
            }
        }
        catch (OperationCanceledException) when (connection.Lost.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"The connection was given up: {connection.LossReason}");
        }
    }

    /// <summary>Removes what was retained before this was switched off.</summary>
    private async Task RemoveAllAsync(CancellationToken stoppingToken)
    {
        var topics = await _topics.ReadAsync(_address!);
        if (topics.Count == 0)
        {
            return;
        }

        using var connection = new AnnouncementConnection(_address!, _upstream, _time);
        await connection.OpenAsync(willTopic: null, birthTopic: null, stoppingToken);
        foreach (var topic in topics)
        {
            await connection.RetainAsync(topic, [], stoppingToken);
            await _topics.RemoveAsync(_address!, topic);
        }

        await CloseAsync(connection);
        LogRemoved(topics.Count);
    }

    private async Task CloseAsync(AnnouncementConnection connection)
    {
        try
        {
            await connection.CloseAsync();
        }
        catch (Exception ex)
        {
            LogNotClean(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The connection for announcements did not end cleanly: {Message}")]
    private partial void LogNotClean(string message);

    [LoggerMessage(LogLevel.Warning, "Taps are not announced at the broker {Broker} at the moment: {Message}")]
    private partial void LogFailed(UpstreamAddress broker, string message);

    [LoggerMessage(LogLevel.Information, "Removed {Count} retained messages for Home Assistant from the broker.")]
    private partial void LogRemoved(int count);
}

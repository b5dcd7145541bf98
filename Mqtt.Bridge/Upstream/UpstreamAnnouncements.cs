using Microsoft.Extensions.Options;
using Mqtt.Bridge.HomeAssistant;
using MQTTnet;
using MQTTnet.Protocol;
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
internal sealed partial class UpstreamAnnouncements(
    MqttAddress address,
    UpstreamLead lead,
    AnnouncedTopics topics,
    IOptions<UpstreamOptions> upstream,
    IOptions<HomeAssistantOptions> options,
    TimeProvider time,
    ILogger<UpstreamAnnouncements> logger
) : BackgroundService, IRetainedPublisher
{
    private static readonly TimeSpan LeadCheck = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    private readonly HomeAssistantOptions _options = options.Value;
    private readonly Signal _gained = new(time);

    private volatile UpstreamConnection? _connection;

    /// <inheritdoc />
    public event Action? Renewed;

    /// <inheritdoc />
    public bool IsReady => _connection is not null && lead.IsOurs;

    /// <inheritdoc />
    public Task<IReadOnlyCollection<string>> RetainedAsync() => topics.ReadAsync();

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
                await topics.AddAsync(topic);
            }

            await connection.RetainAsync(topic, payload, cancellationToken);
            if (payload.Length == 0)
            {
                await topics.RemoveAsync(topic);
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
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lead.Gained += _gained.Set;
        var loop = new RetryLoop(MaxBackoff, (ex, _, _) => LogFailed(address, ex.Message), time);
        return _options.Enabled ? loop.RunAsync(AnnounceAsync, stoppingToken) : loop.UntilDoneAsync(RemoveAllAsync, stoppingToken);
    }

    private async Task UntilLeadingAsync(CancellationToken stoppingToken)
    {
        while (!lead.IsOurs)
        {
            await _gained.WaitAsync(stoppingToken);
        }
    }

    private async Task AnnounceAsync(CancellationToken stoppingToken)
    {
        await UntilLeadingAsync(stoppingToken);
        using var connection = new UpstreamConnection(upstream.Value, time);
        connection.Received += HearAsync;
        var birth = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(
            HomeAssistantTopics.BirthOf(_options.DiscoveryPrefix),
            MqttQualityOfServiceLevel.AtLeastOnce
        );
        await connection.OpenAsync(address.ToAnnouncerOptions(upstream.Value, HomeAssistantTopics.Status), birth.Build(), stoppingToken);
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

    private async Task WhileLeadingAsync(UpstreamConnection connection, CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
        using var timer = new PeriodicTimer(LeadCheck, time);
        try
        {
            while (lead.IsOurs)
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
        await UntilLeadingAsync(stoppingToken);
        var left = await topics.ReadAsync();
        if (left.Count == 0)
        {
            return;
        }

        using var connection = new UpstreamConnection(upstream.Value, time);
        await connection.OpenAsync(address.ToAnnouncerOptions(upstream.Value, willTopic: null), topics: null, stoppingToken);
        foreach (var topic in left)
        {
            await connection.RetainAsync(topic, [], stoppingToken);
            await topics.RemoveAsync(topic);
        }

        await CloseAsync(connection);
        LogRemoved(left.Count);
    }

    private Task HearAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        // A retained birth message tells of a start that may be long ago; all was published after it anyway.
        if (received.ApplicationMessage is { Retain: false } message && message.ConvertPayloadToString() == "online")
        {
            Renewed?.Invoke();
        }

        return Task.CompletedTask;
    }

    private async Task CloseAsync(UpstreamConnection connection)
    {
        try
        {
            await connection.CloseAsync(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage);
        }
        catch (Exception ex)
        {
            LogNotClean(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The connection for announcements did not end cleanly: {Message}")]
    private partial void LogNotClean(string message);

    [LoggerMessage(LogLevel.Warning, "Taps are not announced at the broker {Broker} at the moment: {Message}")]
    private partial void LogFailed(MqttAddress broker, string message);

    [LoggerMessage(LogLevel.Information, "Removed {Count} retained messages for Home Assistant from the broker.")]
    private partial void LogRemoved(int count);
}

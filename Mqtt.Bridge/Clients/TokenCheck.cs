using System.Threading.Channels;
using Taproom.Taps;

namespace Mqtt.Bridge.Clients;

/// <summary>Ends the connections of taps whose token is not valid any more: it was taken away, or replaced and its grace is over.</summary>
/// <remarks>At once for a change that is heard. Every few seconds it checks all of them, for changes that were missed and graces that ended.</remarks>
internal sealed partial class TokenCheck(TapTokens tokens, ClientRegistry clients, TimeProvider time, ILogger<TokenCheck> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>A tap was removed: it has no token any more.</summary>
    public event Func<int, Task>? Removed;

    // The tap whose token has changed; null for all.
    private readonly Channel<int?> _due = Channel.CreateBounded<int?>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(tokens.ListenAsync(changed => _due.Writer.TryWrite(changed), stoppingToken), CheckAgainAsync(stoppingToken));

    private async Task CheckAgainAsync(CancellationToken stoppingToken)
    {
        await using var timer = time.CreateTimer(_ => _due.Writer.TryWrite(null), null, TimeSpan.Zero, Period);
        await foreach (var tapId in _due.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await CheckAsync(tapId);
                if (tapId is { } changed && Removed is { } removed && !await tokens.HasTokenAsync(changed))
                {
                    await removed(changed);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // Who is connected stays so until the registry can say no.
                LogNotChecked(ex.Message);
            }
        }
    }

    /// <summary>Ends the connections of a tap, or of all taps, whose token is not valid any more.</summary>
    internal async Task CheckAsync(int? tapId)
    {
        TapClient[] shown = [.. clients.OfTap(tapId).Where(client => client is { TapId: not null, TokenHash: not null })];
        if (shown.Length == 0)
        {
            return;
        }

        var verified = await tokens.VerifyAllAsync([.. shown.Select(client => (client.TapId!.Value, client.TokenHash!))]);
        foreach (var (client, isValid) in shown.Zip(verified))
        {
            if (isValid is false)
            {
                LogDisconnected(client.Tap);
                await client.DisconnectAsync();
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Ended a connection of tap {Tap}: its token is not valid any more.")]
    private partial void LogDisconnected(string tap);

    [LoggerMessage(LogLevel.Warning, "The tokens of connected taps cannot be checked: {Message}")]
    private partial void LogNotChecked(string message);
}

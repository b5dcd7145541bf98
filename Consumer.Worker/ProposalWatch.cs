using OpenTelemetry;
using Taproom;
using Taproom.Store;

namespace Consumer.Worker;

/// <summary>Looks after pours were stored whether a rule has something to propose of them; without pours it does nothing.</summary>
/// <remarks>What there is to propose can be read from the store, so a worker that stops after its commit leaves that to the next one.</remarks>
internal sealed partial class ProposalWatch(IServiceScopeFactory scopes, SchemaUpgrade schema, TimeProvider time, ILogger<ProposalWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(30);

    // One is enough: it covers whatever was stored before it.
    private readonly Signal _due = new(time);

    /// <summary>Pours were stored.</summary>
    public void Due() => _due.Set();

    /// <summary>Proposes what is to be proposed.</summary>
    /// <returns>Of how many pours.</returns>
    internal async Task<int> TurnAsync(CancellationToken cancellationToken)
    {
        // These queries run every few seconds under load and would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await schema.EnsureAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var proposed = await scope.ServiceProvider.GetRequiredService<Proposals>().ProposeAsync(cancellationToken);
        if (proposed > 0)
        {
            LogProposed(proposed);
        }

        return proposed;
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new RetryLoop(MaxBackoff, LogFailed, time).RunAsync(
            async cancellationToken =>
            {
                await TurnAsync(cancellationToken);
                await _due.WaitAsync(cancellationToken);
                // A burst is told in one turn.
                await Task.Delay(Period, time, cancellationToken);
            },
            stoppingToken
        );

    [LoggerMessage(LogLevel.Information, "Proposed for {Count} pours what they were for.")]
    private partial void LogProposed(int count);

    [LoggerMessage(LogLevel.Error, "Proposing failed {Failures} times in a row; next try in {Delay}.")]
    private partial void LogFailed(Exception exception, int failures, TimeSpan delay);
}

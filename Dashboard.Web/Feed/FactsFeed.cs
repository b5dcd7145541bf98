using Dashboard.Web.Board;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Taproom;

namespace Dashboard.Web.Feed;

/// <summary>Tells the board how warm the beer is and when kegs will be empty.</summary>
internal sealed partial class FactsFeed(
    LiveBoard board,
    IServiceScopeFactory scopes,
    IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<FactsFeed> logger
)
{
    /// <summary>Does so until it is cancelled.</summary>
    public Task FollowAsync(CancellationToken stoppingToken)
    {
        // What was known is shown on: the page says that Postgres is away, and a temperature goes when it is too old.
        var loop = new RetryLoop(options.Value.MaxBackoff, (ex, failures, delay) => LogReadFailed(ex.Message, failures, delay), time);
        return loop.RunAsync(TellAsync, options.Value.FactsInterval, stoppingToken);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var facts = await ReadAsync(cancellationToken);
        board.Change(() => board.Taps.FactsAre(facts));
    }

    private async Task<TapFacts> ReadAsync(CancellationToken cancellationToken)
    {
        // Nobody's request: it would be a trace a minute that leads nowhere.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TapFactsQuery>().ReadAsync(cancellationToken);
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Temperatures and forecasts of kegs are not known, the {Failures}. time in a row; next try in {Delay}: {Message}"
    )]
    private partial void LogReadFailed(string message, int failures, TimeSpan delay);
}

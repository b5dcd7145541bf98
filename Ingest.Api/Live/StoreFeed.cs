using Taproom.Signals;

namespace Ingest.Api.Live;

/// <summary>Tells this replica's listeners of deletions and of the shares of the taps.</summary>
internal sealed class StoreFeed(Deletions deletions, ShareReports reports, Listeners listeners) : BackgroundService
{
    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            deletions.SubscribeAsync(id => listeners.Tell(Topic.Beers, $"Beer {id} deleted from the collection"), stoppingToken),
            reports.SubscribeAsync(report => listeners.Tell(Topic.Beers, report), stoppingToken)
        );
}

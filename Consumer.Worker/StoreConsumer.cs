using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Keeps a <see cref="PartitionConsumer"/> at work for each partition that this worker holds.</summary>
internal sealed partial class StoreConsumer(
    IServiceProvider services,
    SchemaUpgrade schema,
    PartitionLeases leases,
    TimeProvider time,
    ILogger<StoreConsumer> logger
) : BackgroundService, IHealthCheck
{
    // Longer than a lease holds: others have its partitions then.
    private static readonly TimeSpan Patience = 3 * PartitionLeases.GoneAfter;

    private readonly Dictionary<int, Work> _work = [];

    // 0 before the first turn.
    private long _turnedAt;

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            Volatile.Read(ref _turnedAt) is not 0 and var at && time.GetElapsedTime(at) < Patience
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("This worker has not taken or kept partitions of late.")
        );

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await schema.EnsureAsync(stoppingToken);
                    await FollowLeasesAsync(await leases.RenewAsync());
                    Volatile.Write(ref _turnedAt, time.GetTimestamp());
                }
                catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
                {
                    // Redis checks with each read who holds the partition, so who cannot ask reads nothing wrong.
                    LogRenewFailed(ex);
                }

                await Task.Delay(PartitionLeases.Period, time, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(_work.Values.Select(work => work.DisposeAsync().AsTask()));
            await leases.LeaveAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowLeasesAsync(int share)
    {
        foreach (var (partition, work) in _work.Where(item => item.Value.IsOver).ToList())
        {
            _work.Remove(partition);
            await work.DisposeAsync();
            if (work.IsGivenBack)
            {
                await leases.ReleaseAsync(partition);
                LogReleased(partition);
            }
        }

        foreach (var partition in leases.Held.Where(partition => !_work.ContainsKey(partition)).Take(share - _work.Count))
        {
            _work[partition] = new Work(ActivatorUtilities.CreateInstance<PartitionConsumer>(services, partition));
        }

        // Its batch is written first; whoever takes the partition begins after it.
        foreach (var work in _work.Where(item => leases.Held.Contains(item.Key)).Select(item => item.Value).Skip(share))
        {
            work.GiveBack();
        }
    }

    private sealed class Work : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _run;

        public Work(PartitionConsumer consumer) => _run = Task.Run(() => consumer.RunAsync(_end.Token));

        public bool IsOver => _run.IsCompleted;

        public bool IsGivenBack { get; private set; }

        public void GiveBack()
        {
            IsGivenBack = true;
            _end.Cancel();
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _end.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Information, "Partition {Partition} is given to another worker.")]
    private partial void LogReleased(int partition);

    [LoggerMessage(LogLevel.Error, "The partitions to store cannot be taken at the moment.")]
    private partial void LogRenewFailed(Exception exception);
}

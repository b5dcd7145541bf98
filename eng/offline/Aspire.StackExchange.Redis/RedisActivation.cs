using Microsoft.Extensions.Hosting;

namespace Aspire.StackExchange.Redis;

/// <summary>Connects when the host starts, so that the first request need not.</summary>
internal sealed class RedisActivation(Func<object> resolve) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        resolve();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

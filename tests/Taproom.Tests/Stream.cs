using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Taproom.Tests;

/// <summary>An ingest stream of its own, of one partition, as services have it.</summary>
internal sealed class Stream : IAsyncDisposable
{
    private readonly WebApplication _app;

    public Stream(RedisServer redis, params IEnumerable<(string Key, string Value)> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = redis.ConnectionString,
                ["Ingest:Prefix"] = Guid.NewGuid().ToString("N"),
                ["Ingest:Partitions"] = "1",
            }
        );
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddIngestStream();
        _app = builder.Build();
    }

    public IDatabase Redis => Get<IConnectionMultiplexer>().GetDatabase();

    public IngestOptions Keys => Get<Microsoft.Extensions.Options.IOptions<IngestOptions>>().Value;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<Guid> AppendAsync(string body = """{"volume":500}""", string kind = EntryKinds.Pour, Guid? id = null)
    {
        var entry = new IngestEntry
        {
            Id = id ?? Guid.CreateVersion7(),
            Kind = kind,
            Tap = "7",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        };
        await Get<IngestStream>().AppendAsync(entry, CancellationToken.None);
        return entry.Id;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

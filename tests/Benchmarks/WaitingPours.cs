using Microsoft.Extensions.DependencyInjection;
using Taproom.Ingest;

namespace Benchmarks;

/// <summary>Fills the ingest stream as a front door does, for workers that start later.</summary>
internal static class WaitingPours
{
    /// <summary>Appends pours of 64 taps.</summary>
    public static async Task AppendAsync(IReadOnlyDictionary<string, string?> settings, int count)
    {
        await using var host = TaproomHost.Create(settings);
        var stream = host.Services.GetRequiredService<IngestStream>();
        await Many.TimesAsync(count, 256, n => stream.AppendAsync(Pour(n), CancellationToken.None));
    }

    private static IngestEntry Pour(int n) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Kind = EntryKinds.Pour,
            Tap = $"{1 + (n % 64)}",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = """{"volume":473}"""u8.ToArray(),
        };
}

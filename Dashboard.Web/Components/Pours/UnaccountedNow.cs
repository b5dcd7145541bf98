using Dashboard.Web.Access;
using Dashboard.Web.Components.Variance;

namespace Dashboard.Web.Components.Pours;

/// <summary>What flowed through the meters within a day and is in no pour, by tap: asked of Ingest.Api once a minute for all visitors, while there are any.</summary>
internal sealed partial class UnaccountedNow(IHttpClientFactory clients, TimeProvider time, ILogger<UnaccountedNow> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private long? _askedAt;
    private int _isAsking;

    /// <summary>The volumes in mL by tap; only taps that have some.</summary>
    public IReadOnlyDictionary<int, decimal> Volumes { get; private set; } = new Dictionary<int, decimal>();

    /// <summary>Asks when it was not asked of late. Nobody waits for the answer: the page is drawn again soon.</summary>
    public void Ask()
    {
        if ((_askedAt is not { } askedAt || time.GetElapsedTime(askedAt) >= Period) && Interlocked.Exchange(ref _isAsking, 1) == 0)
        {
            _askedAt = time.GetTimestamp();
            _ = AskAsync();
        }
    }

    // Whatever goes wrong, the cards are shown without it, and it is asked again in a minute.
    private async Task AskAsync()
    {
        try
        {
            using var client = clients.CreateClient(TaproomApi.ClientName);
            var answer = await client.GetFromJsonAsync<UnaccountedAnswer>("api/stats/unaccounted");
            Volumes = answer!.Taps.Where(tap => tap.VolumeMl > 0).ToDictionary(tap => tap.TapId, tap => tap.VolumeMl!.Value);
        }
        catch (Exception ex)
        {
            LogUnknown(ex.Message);
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);
        }
    }

    [LoggerMessage(LogLevel.Debug, "What is unaccounted is not known now: {Message}")]
    private partial void LogUnknown(string message);
}

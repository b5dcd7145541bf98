namespace Ingest.Api.Http;

/// <summary>Shows numbers of the store.</summary>
internal static class Numbers
{
    /// <summary>A volume without the zeros that its column adds: 500, not 500.000.</summary>
    public static decimal Plain(this decimal volumeMl) => volumeMl / 1.0000000000000000000000000000m;
}

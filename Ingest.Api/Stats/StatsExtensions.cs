namespace Ingest.Api.Stats;

/// <summary>Registers what the stats need.</summary>
internal static class StatsExtensions
{
    /// <summary>Adds it.</summary>
    public static void AddStats(this IHostApplicationBuilder builder) => builder.Services.AddScoped<VarianceRows>();
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Taproom;

namespace Benchmarks;

/// <summary>Taproom's own parts, for what must be there before a case begins.</summary>
internal static class TaproomHost
{
    /// <summary>Wires them as a service does.</summary>
    /// <param name="settings">The configuration of the services of the case.</param>
    public static WebApplication Create(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddIngestStream();
        return builder.Build();
    }
}

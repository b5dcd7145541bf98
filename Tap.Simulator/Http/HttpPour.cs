using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Http;

/// <summary>A beer as it is posted.</summary>
/// <param name="Id">Its id, the same each time it is posted.</param>
/// <param name="TapId">The tap.</param>
/// <param name="Volume">Volume in mL.</param>
/// <param name="PouredAt">When it was poured.</param>
internal sealed record HttpPour(Guid Id, int TapId, decimal Volume, DateTimeOffset PouredAt)
{
    /// <summary>Where beers are posted.</summary>
    public const string Path = "/api/beers";

    /// <summary>Posts it.</summary>
    public Task<HttpResponseMessage> PostAsync(HttpClient http, CancellationToken cancellationToken) =>
        http.PostAsJsonAsync(Path, this, HttpPourJson.Default.HttpPour, cancellationToken);
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HttpPour))]
internal sealed partial class HttpPourJson : JsonSerializerContext;

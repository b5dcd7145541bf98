using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>Serialises without reflection. Names of beers are written as they are: nobody puts this JSON into a page as it comes.</summary>
[JsonSerializable(typeof(DiscoveryConfig))]
[JsonSerializable(typeof(TapState))]
internal sealed partial class HomeAssistantJson : JsonSerializerContext
{
    /// <summary>For configurations, whose absent members have their defaults.</summary>
    public static HomeAssistantJson Configs { get; } = Make(JsonIgnoreCondition.WhenWritingNull);

    /// <summary>For states, where null makes an entity unknown; of an absent member it would keep what it had.</summary>
    public static HomeAssistantJson States { get; } = Make(JsonIgnoreCondition.Never);

    private static HomeAssistantJson Make(JsonIgnoreCondition ignore) =>
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                DefaultIgnoreCondition = ignore,
            }
        );
}

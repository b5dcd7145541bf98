using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Meters;

/// <summary>A reading of a meter of kind <c>json</c>.</summary>
/// <param name="Id">The meter.</param>
/// <param name="DemandKw">Its demand in kW.</param>
/// <param name="MeasuredAt">When, by the local clock, with its offset.</param>
internal sealed record MeterReading(string Id, decimal DemandKw, DateTimeOffset MeasuredAt);

/// <summary>A meter to be registered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>json</c> or <c>rainforest</c>.</param>
/// <param name="Address">Where it is polled.</param>
/// <param name="User">Its user name.</param>
/// <param name="Password">Its password.</param>
internal sealed record NewMeter(string Id, string Kind, string Address, string User, string Password);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MeterReading))]
[JsonSerializable(typeof(NewMeter))]
internal sealed partial class MeterJson : JsonSerializerContext;

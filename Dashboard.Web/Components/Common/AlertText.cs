using System.Text.Json;
using Dashboard.Web.Access;
using Microsoft.Extensions.Localization;
using Taproom.Reports;

namespace Dashboard.Web.Components.Common;

/// <summary>What an alert is about, in the visitor's language.</summary>
internal static class AlertText
{
    // What the worker writes into the events that tell of alerts.
    private const string Environment = "taproom";

    /// <summary>A sentence by the alert's kind; what the worker wrote, in English, where that kind or its data is not known here.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="units">The visitor's units.</param>
    /// <param name="kind">What is wrong, for programs.</param>
    /// <param name="json">The alert's data: a JSON object.</param>
    /// <param name="message">What the worker wrote.</param>
    public static string Alert(this IStringLocalizer<Texts> texts, Units units, string kind, string json, string message)
    {
        using var document = JsonDocument.Parse(json);
        return Sentence(texts, units, kind, document.RootElement) ?? message;
    }

    /// <summary>What happened: in the visitor's language where it is the begin or the end of an alert, else as it was sent.</summary>
    public static string Event(this IStringLocalizer<Texts> texts, Units units, ActivityEvent activity)
    {
        if (activity.Environment != Environment)
        {
            return activity.Message;
        }

        using var document = JsonDocument.Parse(activity.Data);
        if (
            document.RootElement is not { ValueKind: JsonValueKind.Object } data
            || !data.TryGetProperty("about", out var about)
            || !data.TryGetProperty("alert", out var alert)
            || Sentence(texts, units, activity.Component, about) is not { } sentence
        )
        {
            return activity.Message;
        }

        return alert.ValueKind is JsonValueKind.String && alert.ValueEquals("end") ? texts["Over: {0}", sentence] : sentence;
    }

    private static string? Sentence(IStringLocalizer<Texts> texts, Units units, string kind, JsonElement data)
    {
        return (kind, Text("tapId"), Text("beverage")) switch
        {
            ("keg-low", { } tap, { } beverage) => texts["Keg {0} on tap {1} is low.", beverage, tap],
            ("keg-empty-soon", { } tap, { } beverage) when Text("minutesLeft") is { } minutes => texts[
                "Keg {0} on tap {1} is empty in about {2} min.",
                beverage,
                tap,
                minutes
            ],
            ("tap-offline", { } tap, _) => texts["Tap {0} is offline.", tap],
            ("temperature", { } tap, _) when Decimal("temperatureC") is { } celsius => texts[
                "The beer of tap {0} has {1}, which is too warm or too cold.",
                tap,
                units.Temperature(celsius)
            ],
            ("flow-without-pour", { } tap, _) when Number("flowLpm", "0.##") is { } flow => texts[
                "Beer flows at tap {0} ({1} L/min), and no pour is reported.",
                tap,
                flow
            ],
            ("dead-letters", _, _) when (Text("count"), Text("device"), Text("reason")) is ({ } count, { } device, { } reason) => texts[
                "{0} reports of {1} were set aside within an hour: {2}",
                count,
                device,
                texts.Refusal(reason)
            ],
            ("line-behind", _, _) when (Number("waiting", "N0"), Number("oldestAgeSeconds", "N0")) is ({ } waiting, { } seconds) => texts[
                "Entries wait to be stored: {0}, the oldest for {1} s.",
                waiting,
                seconds
            ],
            ("meter-unreachable", _, _) when (Text("meterId"), Text("error")) is ({ } meter, { } error) => texts[
                "Meter {0} cannot be read: {1}",
                meter,
                texts.Refusal(error)
            ],
            _ => (string?)null,
        };

        string? Text(string name) =>
            data.ValueKind is not JsonValueKind.Object || !data.TryGetProperty(name, out var value) ? null
            : value.ValueKind is JsonValueKind.String ? value.GetString()
            : value.ValueKind is JsonValueKind.Number ? value.GetRawText()
            : null;

        string? Number(string name, string format) => Decimal(name)?.ToString(format, Languages.Current);

        decimal? Decimal(string name) =>
            data.ValueKind is JsonValueKind.Object
            && data.TryGetProperty(name, out var value)
            && value.ValueKind is JsonValueKind.Number
            && value.TryGetDecimal(out var number)
                ? number
                : null;
    }
}

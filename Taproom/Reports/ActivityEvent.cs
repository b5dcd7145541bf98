using System.Diagnostics.CodeAnalysis;
using System.Net.Mail;
using System.Text.Json;

namespace Taproom.Reports;

/// <summary>An activity event as it is reported: <c>{"component", "data", "email", "environment", "message"}</c>.</summary>
/// <param name="Component">The part of a system that it happened in; not blank.</param>
/// <param name="Environment">For example <c>production</c>; not blank.</param>
/// <param name="Email">Whose doing it was; null for the system itself.</param>
/// <param name="Message">What happened, for people; not blank.</param>
/// <param name="Data">What happened, for programs: any JSON value, as it was sent.</param>
public sealed record ActivityEvent(string Component, string Environment, string? Email, string Message, string Data)
{
    // Both are in an index, and Postgres limits an index row to a third of a page.
    private const int MaxName = 200;
    private const int MaxEmail = 254;

    /// <summary>Reads and validates an event.</summary>
    /// <param name="utf8">The JSON document, UTF-8.</param>
    /// <param name="activity">The event, or null.</param>
    /// <param name="refusal">Why it is refused (always status 400) and for which member, or null.</param>
    /// <param name="needsEmail">False where events of the system itself come along, which is not at the front doors.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8,
        [NotNullWhen(true)] out ActivityEvent? activity,
        [NotNullWhen(false)] out Refusal? refusal,
        bool needsEmail = true
    )
    {
        activity = null;
        if (!StrictJson.TryParseObject(utf8, out var document, out refusal))
        {
            return false;
        }

        using (document)
        {
            return TryRead(document.RootElement, out activity, out refusal, needsEmail);
        }
    }

    /// <summary>Reads and validates an event.</summary>
    /// <param name="json">An object, as <see cref="StrictJson"/> takes it.</param>
    /// <param name="activity">The event, or null.</param>
    /// <param name="refusal">Why it is refused (always status 400) and for which member, or null.</param>
    /// <param name="needsEmail">See <see cref="TryParse"/>.</param>
    public static bool TryRead(
        JsonElement json,
        [NotNullWhen(true)] out ActivityEvent? activity,
        [NotNullWhen(false)] out Refusal? refusal,
        bool needsEmail = true
    )
    {
        activity = null;
        if (
            !json.TryGetText("component", MaxName, out var component, out refusal)
            || !json.TryGetText("environment", MaxName, out var environment, out refusal)
            || !json.TryGetText("message", int.MaxValue, out var message, out refusal)
        )
        {
            return false;
        }

        string? email = null;
        if ((needsEmail || json.TryGetMember("email", out _)) && !TryGetEmail(json, out email, out refusal))
        {
            return false;
        }

        if (!json.TryGetProperty("data", out var data))
        {
            refusal = Refusal.Malformed("data", "The member 'data' is missing; it may be any JSON value.");
            return false;
        }

        activity = new ActivityEvent(component, environment, email, message, data.GetRawText());
        return true;
    }

    private static bool TryGetEmail(JsonElement json, [NotNullWhen(true)] out string? email, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (
            json.TryGetText("email", MaxEmail, out email, out refusal) && (!MailAddress.TryCreate(email, out var address) || address.Address != email)
        )
        {
            refusal = Refusal.Malformed("email", "The member 'email' must be an e-mail address.");
        }

        return refusal is null;
    }
}

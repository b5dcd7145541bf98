using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Meters;

/// <summary>A meter as it is posted.</summary>
internal sealed partial record MeterPost(
    [property: Description("1 to 64 letters, digits, '.', '_' or '-'; leading zeros are kept.")] string Id,
    [property: Description("json or rainforest")] string Kind,
    [property: Description("An absolute http or https address.")] string Address,
    string User,
    [property: Description("Never returned.")] string? Password,
    bool Active = true
)
{
    /// <summary>A meter that is accepted.</summary>
    public const string Example = """{"id":"002738","kind":"rainforest","address":"http://10.0.0.5","user":"ann","password":"secret"}""";

    private const int MaxText = 500;

    /// <summary>Reads and validates it; every member but <c>active</c> is needed.</summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out MeterPost? post, [NotNullWhen(false)] out Refusal? refusal)
    {
        post = null;
        if (
            !json.TryGetText("id", 64, out var id, out refusal)
            || !json.TryGetText("kind", MaxText, out var kind, out refusal)
            || !json.TryGetText("address", MaxText, out var address, out refusal)
            || !json.TryGetText("user", MaxText, out var user, out refusal)
            || !json.TryGetText("password", MaxText, out var password, out refusal)
            || !TryGetActive(json, out var active, out refusal)
        )
        {
            return false;
        }

        refusal = Check(id, kind, address, user, password);
        post = new MeterPost(id, kind, address, user, password, active ?? true);
        return refusal is null;
    }

    /// <summary>Reads a change: what is absent stays as it is.</summary>
    /// <param name="json">The object.</param>
    /// <param name="meter">The meter as it is.</param>
    /// <param name="post">The meter as it will be, without a password when that stays; or null.</param>
    /// <param name="refusal">Why the change is refused, or null.</param>
    public static bool TryChange(JsonElement json, Meter meter, [NotNullWhen(true)] out MeterPost? post, [NotNullWhen(false)] out Refusal? refusal)
    {
        var (kind, address, user, password) = (meter.Kind, meter.Address, meter.User, "");
        post = null;
        if (
            !TryReplace(json, "kind", ref kind, out refusal)
            || !TryReplace(json, "address", ref address, out refusal)
            || !TryReplace(json, "user", ref user, out refusal)
            || !TryReplace(json, "password", ref password, out refusal)
            || !TryGetActive(json, out var active, out refusal)
        )
        {
            return false;
        }

        refusal = Check(meter.Id, kind, address, user, password);
        post = new MeterPost(meter.Id, kind, address, user, password.Length > 0 ? password : null, active ?? meter.Active);
        return refusal is null;
    }

    private static bool TryReplace(JsonElement json, string name, ref string value, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        if (!json.TryGetProperty(name, out _))
        {
            return true;
        }

        if (!json.TryGetText(name, MaxText, out var text, out refusal))
        {
            return false;
        }

        value = text;
        return true;
    }

    private static bool TryGetActive(JsonElement json, out bool? active, [NotNullWhen(false)] out Refusal? refusal)
    {
        active = json.TryGetProperty("active", out var member)
            ? member.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => null,
            }
            : null;
        var wrong = active is null && member.ValueKind is not JsonValueKind.Undefined;
        refusal = wrong ? Refusal.Malformed("active", "The member 'active' must be true or false.") : null;
        return refusal is null;
    }

    private static Refusal? Check(string id, string kind, string address, string user, string password)
    {
        if (!IdShape().IsMatch(id))
        {
            return Refusal.Malformed("id", "The member 'id' must be 1 to 64 letters, digits, '.', '_' or '-'.");
        }

        if (kind is not (MeterKinds.Json or MeterKinds.Rainforest))
        {
            return Refusal.Malformed("kind", "The member 'kind' must be 'json' or 'rainforest'.");
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
        {
            return Refusal.Malformed("address", "The member 'address' must be an absolute http or https address without credentials.");
        }

        // Both travel as headers.
        return user.Any(char.IsControl) ? Refusal.Malformed("user", "The member 'user' must not contain control characters.")
            : password.Any(char.IsControl) ? Refusal.Malformed("password", "The member 'password' must not contain control characters.")
            : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdShape();
}

/// <summary>A change of a meter; it documents <see cref="MeterPost.TryChange"/>, which does the reading.</summary>
internal sealed record MeterPatch(
    [property: Description("json or rainforest")] string? Kind = null,
    [property: Description("An absolute http or https address.")] string? Address = null,
    string? User = null,
    [property: Description("Never returned.")] string? Password = null,
    bool? Active = null
);

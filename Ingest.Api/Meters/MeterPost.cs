using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Taproom.Reports;

namespace Ingest.Api.Meters;

/// <summary>A meter as it is posted.</summary>
/// <param name="User">Who polls it.</param>
/// <param name="Active">Whether it is polled.</param>
public sealed record MeterPost(
    [property: Description("1 to 64 letters, digits, '.', '_' or '-'; leading zeros are kept."), Text(64)]
    [property: RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]*", ErrorMessage = "The member 'id' must be 1 to 64 letters, digits, '.', '_' or '-'.")]
        string Id,
    [property: Description("json or rainforest"), AllowedValues(MeterKinds.Json, MeterKinds.Rainforest, ErrorMessage = MeterKinds.Wrong)] string Kind,
    [property: Description("An absolute http or https address."), Text(MeterPost.MaxText), HttpAddress] string Address,
    [property: Text(MeterPost.MaxText), HeaderText] string User,
    [property: Description("Never returned."), Text(MeterPost.MaxText), HeaderText] string Password,
    bool Active = true
) : IValidatableObject
{
    /// <summary>A meter that is accepted.</summary>
    internal const string Example = """{"id":"002738","kind":"rainforest","address":"http://10.0.0.5","user":"ann","password":"secret"}""";

    /// <summary>Most characters of a member.</summary>
    internal const int MaxText = 500;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        MeterKinds.WhyNotSent(Kind, User, Password) is { } why ? [new ValidationResult(why.Reason, [why.Member!])] : [];
}

/// <summary>A change of a meter; what is absent stays as it is.</summary>
/// <param name="User">Who polls it.</param>
/// <param name="Active">Whether it is polled.</param>
public sealed record MeterPatch(
    [property: Description("json or rainforest"), AllowedValues(null, MeterKinds.Json, MeterKinds.Rainforest, ErrorMessage = MeterKinds.Wrong)]
        string? Kind = null,
    [property: Description("An absolute http or https address."), Text(MeterPost.MaxText, IsOptional = true), HttpAddress] string? Address = null,
    [property: Text(MeterPost.MaxText, IsOptional = true), HeaderText] string? User = null,
    [property: Description("Never returned."), Text(MeterPost.MaxText, IsOptional = true), HeaderText] string? Password = null,
    bool? Active = null
);

/// <summary>How a meter can be asked.</summary>
internal static class MeterKinds
{
    /// <summary>GET of the address, which answers with a JSON object; user and password by HTTP Basic.</summary>
    public const string Json = "json";

    /// <summary>A Rainforest gateway, by its XML post manager.</summary>
    public const string Rainforest = "rainforest";

    /// <summary>Why a meter of a kind can never be sent a user or a password; null where it can.</summary>
    public static Refusal? WhyNotSent(string kind, string user, string password) =>
        kind switch
        {
            Json when user.Contains(':') => Refusal.Malformed(
                "user",
                "The user of a meter of kind 'json' must not contain ':', where HTTP Basic ends it."
            ),
            Rainforest when user != user.Trim(' ') => Refusal.Malformed("user", Trimmed),
            Rainforest when password != password.Trim(' ') => Refusal.Malformed("password", Trimmed),
            _ => null,
        };

    private const string Trimmed =
        "The user and the password of a meter of kind 'rainforest' must not begin or end with a space, which HTTP takes off a header.";

    /// <summary>Said of any other kind.</summary>
    public const string Wrong = "The member 'kind' must be 'json' or 'rainforest'.";
}

/// <summary>Asks for a text that can travel as a header.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HeaderTextAttribute() : ValidationAttribute("The user and the password must not contain control characters.")
{
    /// <inheritdoc />
    public override bool IsValid(object? value) => value is not string text || !text.Any(char.IsControl);
}

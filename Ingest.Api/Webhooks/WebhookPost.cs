using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ingest.Api.Http;

namespace Ingest.Api.Webhooks;

/// <summary>A webhook as it is posted.</summary>
/// <param name="Active">Whether anything is sent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WebhookPost(
    [property: Description("An absolute http or https address without credentials."), Text(WebhookPost.MaxUrl), HttpAddress] string Url,
    [property: Description("pour.stored, alert.began, alert.ended, event"), HookKinds] string[] Kinds,
    [property: Description("whsec_ and base64 of 24 to 64 bytes; without it a new one is made and shown once."), HookSecret] string? Secret = null,
    bool Active = true
)
{
    /// <summary>A webhook that is accepted.</summary>
    internal const string Example = """{"url":"https://pos.example/taproom","kinds":["pour.stored","alert.began"]}""";

    /// <summary>Most characters of an address.</summary>
    internal const int MaxUrl = 2_000;
}

/// <summary>A change of a webhook; what is absent stays as it is.</summary>
/// <param name="Active">Whether anything is sent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WebhookPatch(
    [property: Description("An absolute http or https address without credentials."), Text(WebhookPost.MaxUrl, IsOptional = true), HttpAddress]
        string? Url = null,
    [property: Description("pour.stored, alert.began, alert.ended, event"), HookKinds(IsOptional = true)] string[]? Kinds = null,
    [property: Description("whsec_ and base64 of 24 to 64 bytes."), HookSecret] string? Secret = null,
    bool? Active = null
);

/// <summary>Asks for kinds that can be chosen.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HookKindsAttribute()
    : ValidationAttribute("The member 'kinds' must be a list of one or more of 'pour.stored', 'alert.began', 'alert.ended' and 'event', each once.")
{
    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; set; }

    /// <inheritdoc />
    public override bool IsValid(object? value) =>
        value is string[] { Length: > 0 } kinds
            ? kinds.All(WebhookKinds.All.Contains) && kinds.Distinct().Count() == kinds.Length
            : value is null && IsOptional;
}

/// <summary>Asks for a secret as Standard Webhooks writes it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HookSecretAttribute() : ValidationAttribute("The member 'secret' must be 'whsec_' and the base64 of 24 to 64 bytes.")
{
    /// <inheritdoc />
    public override bool IsValid(object? value) => value is not string secret || WebhookSecrets.TryParse(secret, out _);
}

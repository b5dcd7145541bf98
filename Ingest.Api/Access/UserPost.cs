using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Access;

/// <summary>A user as it is posted.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserPost(
    [property: Description("1 to 60 characters; no other user may have it in another case."), UserName] string Name,
    [property: Description("10 to 200 characters."), Password] string Password,
    [property: Description("viewer, staff or admin"), UserRole] string Role
)
{
    /// <summary>A user that is accepted.</summary>
    internal const string Example = """{"name":"ann","password":"what only ann knows","role":"staff"}""";

    /// <summary>Most characters of a name.</summary>
    internal const int MaxName = 60;
}

/// <summary>A change of a user; what is absent stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserPatch(
    [property: Description("10 to 200 characters; it also ends a lock-out."), Password(IsOptional = true)] string? Password = null,
    [property: Description("viewer, staff or admin"), UserRole(IsOptional = true)] string? Role = null
);

/// <summary>A new password of the user that calls.</summary>
/// <param name="OldPassword">The one until now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PasswordPut(
    [property: Password(Min = 1)] string OldPassword,
    [property: Description("10 to 200 characters."), Password] string NewPassword
);

/// <summary>Asks for a name that people can tell from others, and from what the audit calls those who are no users.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class UserNameAttribute()
    : ValidationAttribute(
        "The member 'name' must have 1 to 60 characters, none of them invisible, without a space at either end, and be neither 'admin key' nor 'tap' and a number."
    )
{
    /// <inheritdoc />
    public override bool IsValid(object? value) =>
        value is string { Length: > 0 and <= UserPost.MaxName } name
        && name.Trim() == name
        && !name.EnumerateRunes().Any(IsInvisible)
        && User.Normalize(name) is { Length: > 0 } normalized
        && !Reserved().IsMatch(normalized);

    private static bool IsInvisible(System.Text.Rune rune) =>
        System.Text.Rune.GetUnicodeCategory(rune)
            is System.Globalization.UnicodeCategory.Control
                or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator
                or System.Globalization.UnicodeCategory.OtherNotAssigned
                or System.Globalization.UnicodeCategory.PrivateUse
                or System.Globalization.UnicodeCategory.Surrogate;

    [GeneratedRegex(@"^(ADMIN KEY|TAP \d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Reserved();
}

/// <summary>Asks for a role that a user can have.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UserRoleAttribute() : ValidationAttribute("The member 'role' must be 'viewer', 'staff' or 'admin'.")
{
    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; set; }

    /// <inheritdoc />
    public override bool IsValid(object? value) => value is Roles.Viewer or Roles.Staff or Roles.Admin || (value is null && IsOptional);
}

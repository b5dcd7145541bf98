using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Ingest.Api.Http;

/// <summary>Asks for an absolute http or https address without credentials.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpAddressAttribute : ValidationAttribute
{
    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(validationContext.MemberName ?? "");
        return value is not string text || IsAddress(text)
            ? ValidationResult.Success
            : new ValidationResult(
                $"The member '{name}' must be an absolute http or https address without credentials.",
                [validationContext.MemberName!]
            );
    }

    private static bool IsAddress(string text)
    {
        try
        {
            // The name as it is looked up, which not every name has that can be read.
            return Uri.TryCreate(text, UriKind.Absolute, out var uri)
                && uri is { Scheme: "http" or "https", UserInfo.Length: 0, IdnHost.Length: > 0 };
        }
        catch (UriFormatException)
        {
            return false;
        }
    }
}

using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Ingest.Api.Http;

/// <summary>Asks for a text that is not blank, not too long and without U+0000, for which Postgres has no place.</summary>
/// <param name="maxLength">Most UTF-16 characters.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextAttribute(int maxLength) : ValidationAttribute
{
    /// <summary>Most UTF-16 characters.</summary>
    public int MaxLength => maxLength;

    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; set; }

    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(validationContext.MemberName ?? "");
        var wrong = value switch
        {
            null when IsOptional => null,
            not string => "be a text",
            string text when string.IsNullOrWhiteSpace(text) => "not be blank",
            string text when text.Length > maxLength => $"not be longer than {maxLength} characters",
            string text when text.Contains('\0') => "not contain the character U+0000",
            _ => null,
        };
        return wrong is null ? ValidationResult.Success : new ValidationResult($"The member '{name}' must {wrong}.", [validationContext.MemberName!]);
    }
}

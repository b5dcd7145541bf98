using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Taproom.Reports;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Ingest.Api.Http;

/// <summary>Takes many objects in one go: one JSON object per line, one result per line.</summary>
internal static class JsonLines
{
    /// <summary>Most bytes of an import.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Most lines of an import.</summary>
    public const int MaxLines = 10_000;

    /// <summary>Documents an import and gives it a larger body, and as long as its lines take.</summary>
    public static void TakesLines<T>(this RouteHandlerBuilder builder, string example) =>
        builder.Takes(example, typeof(T), "application/jsonl").WithMetadata(new RequestSizeLimitAttribute(MaxBytes)).DisableRequestTimeout();

    /// <summary>Reads the lines and takes them in their order; a blank line is skipped.</summary>
    /// <param name="request">The request with the lines.</param>
    /// <param name="take">Takes the object of one line, and returns the status that it would have had alone.</param>
    /// <returns>The results; when it is broken off, what was taken stays, and taking it again does no harm.</returns>
    public static async Task<Results<Ok<LineResults>, ProblemHttpResult>> TakeAsync<T>(HttpRequest request, Func<T, Task<int>> take)
        where T : class
    {
        var lines = Split(request.Bytes());
        if (lines.Count is 0 or > MaxLines)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, $"The body must be 1 to {MaxLines} lines, a JSON object in each.");
        }

        var options = request.HttpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var results = new List<LineResult>(lines.Count);
        foreach (var (number, text) in lines)
        {
            var (value, refusal) = Read<T>(text, options);
            results.Add(
                refusal is null ? new LineResult(number, await take(value!)) : new LineResult(number, refusal.Status, refusal.Reason, refusal.Member)
            );
        }

        return TypedResults.Ok(new LineResults(results));
    }

    private static (T? Value, Refusal? Refusal) Read<T>(ReadOnlyMemory<byte> text, JsonSerializerOptions options)
        where T : class
    {
        if (!StrictJson.TryParseObject(text, out var document, out var refusal))
        {
            return (null, refusal);
        }

        using (document)
        {
            return Read<T>(document.RootElement, options);
        }
    }

    /// <summary>Reads an object as the framework binds one, and validates it.</summary>
    public static (T? Value, Refusal? Refusal) Read<T>(JsonElement json, JsonSerializerOptions options)
        where T : class
    {
        try
        {
            if (json.Deserialize<T>(options) is not { } value)
            {
                return (null, Refusal.Malformed(null, "The body must be a JSON object."));
            }

            var wrong = new List<ValidationResult>();
            return Validator.TryValidateObject(value, new ValidationContext(value), wrong, validateAllProperties: true)
                ? (value, null)
                : (null, Refusal.Malformed(JsonNamingPolicy.CamelCase.ConvertName(wrong[0].MemberNames.First()), wrong[0].ErrorMessage!));
        }
        catch (JsonException ex)
        {
            return (null, Problems.Mistyped(ex));
        }
    }

    /// <summary>The lines that are not blank, with their numbers from 1.</summary>
    public static List<(int Number, ReadOnlyMemory<byte> Text)> Split(ReadOnlyMemory<byte> body)
    {
        var lines = new List<(int, ReadOnlyMemory<byte>)>();
        for (var number = 1; body.Length > 0; number++)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (!line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                lines.Add((number, line));
            }
        }

        return lines;
    }
}

/// <summary>What became of an import: a result for each line, in its order.</summary>
internal sealed record LineResults(IReadOnlyList<LineResult> Results);

/// <summary>What became of a line: the status it would have had alone, and why where it was refused.</summary>
internal sealed record LineResult(
    int Line,
    int Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Member = null
);

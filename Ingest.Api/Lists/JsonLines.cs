using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Api.Answers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Taproom.Reports;

namespace Ingest.Api.Lists;

/// <summary>Takes many objects in one go: one JSON object per line, one result per line.</summary>
internal static class JsonLines
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxLines = 10_000;

    /// <summary>Documents an import and gives it a larger body, and as long as its lines take.</summary>
    public static void TakesLines(this RouteHandlerBuilder builder, Type shape, string example) =>
        builder.Takes(shape, example, "application/jsonl").WithMetadata(new RequestSizeLimitAttribute(MaxBytes)).DisableRequestTimeout();

    /// <summary>Reads the lines and takes them in their order; a blank line is skipped.</summary>
    /// <param name="request">The request with the lines.</param>
    /// <param name="take">Takes the object of one line: a status, and why where it is refused.</param>
    /// <param name="cancellationToken">Ends the import; what was taken stays, and taking it again does no harm.</param>
    public static async Task<Results<Ok<LineResults>, ProblemHttpResult>> TakeAsync(
        HttpRequest request,
        Func<JsonElement, Task<(int Status, Refusal? Refusal)>> take,
        CancellationToken cancellationToken
    )
    {
        var body = await request.ReadAllAsync(cancellationToken);
        var lines = Split(body);
        if (lines.Count is 0 or > MaxLines)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, $"The body must be 1 to {MaxLines} lines, a JSON object in each.");
        }

        var results = new List<LineResult>(lines.Count);
        foreach (var (number, text) in lines)
        {
            if (!StrictJson.TryParseObject(text, out var document, out var refusal))
            {
                results.Add(new LineResult(number, refusal.Status, refusal.Reason, refusal.Member));
                continue;
            }

            using (document)
            {
                var (status, why) = await take(document.RootElement);
                results.Add(new LineResult(number, status, why?.Reason, why?.Member));
            }
        }

        return TypedResults.Ok(new LineResults(results));
    }

    private static List<(int Number, ReadOnlyMemory<byte> Text)> Split(ReadOnlyMemory<byte> body)
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

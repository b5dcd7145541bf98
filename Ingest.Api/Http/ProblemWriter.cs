using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Ingest.Api.Http;

/// <summary>Writes every problem document, also those of the framework, whatever the caller accepts: an error is never HTML and never empty.</summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    private const string ContentType = "application/problem+json";

    /// <inheritdoc />
    public bool CanWrite(ProblemDetailsContext context) => true;

    /// <inheritdoc />
    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        if (problem is HttpValidationProblemDetails validation)
        {
            validation.Errors = validation.Errors.ToDictionary(error => NameIn(http, error.Key), error => error.Value);
            validation.Detail = validation.Errors.Values.First()[0];
            validation.Status = StatusCodes.Status400BadRequest;
        }

        problem.Status ??= http.Response.StatusCode;
        if (problem is { Status: StatusCodes.Status400BadRequest, Detail: null })
        {
            QueryFaults.Name(http, problem);
        }

        problem.Title = ReasonPhrases.GetReasonPhrase(problem.Status.Value);
        problem.Detail ??= Problems.DetailOf(problem.Status.Value);
        http.Response.StatusCode = problem.Status.Value;
        await http.Response.WriteAsJsonAsync(problem, problem.GetType(), (JsonSerializerOptions?)null, ContentType, http.RequestAborted);
    }

    // A parameter of the query has a name of its own; members of bodies are in camel case.
    private static string NameIn(HttpContext context, string property) =>
        QueryFaults.Parameters(context).FirstOrDefault(parameter => parameter.Name == property)?.QueryName()
        ?? JsonNamingPolicy.CamelCase.ConvertName(property);
}

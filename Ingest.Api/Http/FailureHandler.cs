using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;

namespace Ingest.Api.Http;

/// <summary>Turns what went wrong into a problem document that shows nothing of the inside.</summary>
internal sealed partial class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
{
    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var answer = exception switch
        {
            BadHttpRequestException bad => Bad(bad),
            StreamFullException => Problems.Unavailable(httpContext, "Too much waits to be stored; try again in a moment."),
            _ when IsAway(exception) => Away(httpContext, exception),
            _ when exception.GetBaseException() is PostgresException { SqlState: ['2', '2', ..] } refused => Refused(refused),
            _ => Failed(exception),
        };
        await answer.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>Whether the cause is that Redis or Postgres cannot be reached, or does not answer in time.</summary>
    public static bool IsAway(Exception exception) =>
        exception switch
        {
            // The first worker has not made the schema yet: a matter of seconds.
            PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn } => true,
            // It shuts down: another server takes over.
            PostgresException { SqlState: ['5', '7', 'P', '0', ..] or ['0', '8', ..] } => true,
            _ when UnusableConnections.IsCause(exception) => true,
            PostgresException postgres => postgres.IsTransient,
            NpgsqlException or RedisException or TimeoutException => true,
            // Entity Framework wraps what it takes for transient.
            _ => exception.InnerException is { } inner && IsAway(inner),
        };

    private static ProblemHttpResult Bad(BadHttpRequestException bad)
    {
        if (bad.InnerException is JsonException json)
        {
            return Problems.Of(Problems.Mistyped(json));
        }

        // A missing parameter is named by what writes the answer; the framework's message alone tells it apart.
        return bad.StatusCode == StatusCodes.Status400BadRequest && !bad.Message.EndsWith("query string.", StringComparison.Ordinal)
            ? Problems.Of(bad.StatusCode, "The body must be a JSON object.")
            : Problems.Of(bad.StatusCode);
    }

    private ProblemHttpResult Away(HttpContext context, Exception exception)
    {
        LogAway(exception.GetBaseException().Message);
        return Problems.Unavailable(context);
    }

    // SQLSTATE class 22, data exception: a value that came through all checks and that Postgres has no place for.
    private ProblemHttpResult Refused(PostgresException exception)
    {
        LogRefused(exception.SqlState);
        return Problems.Of(StatusCodes.Status400BadRequest, "A value of this request is out of range, or has characters that cannot be stored.");
    }

    private ProblemHttpResult Failed(Exception exception)
    {
        LogFailed(exception);
        return Problems.Of(StatusCodes.Status500InternalServerError);
    }

    [LoggerMessage(LogLevel.Warning, "Redis or Postgres is away: {Message}")]
    private partial void LogAway(string message);

    [LoggerMessage(LogLevel.Warning, "Postgres refused a value of a request, SQLSTATE {SqlState}; a check of the API is missing.")]
    private partial void LogRefused(string sqlState);

    [LoggerMessage(LogLevel.Error, "A request failed.")]
    private partial void LogFailed(Exception exception);
}

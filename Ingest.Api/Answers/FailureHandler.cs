using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Ingest.Api.Answers;

/// <summary>Turns what went wrong into a problem document that shows nothing of the inside.</summary>
internal sealed partial class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
{
    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var answer = exception switch
        {
            BadHttpRequestException bad => Problems.Bare(bad.StatusCode),
            StreamFullException => Problems.Unavailable(httpContext, "Too much waits to be stored; try again in a moment."),
            _ when IsAway(exception) => Away(httpContext, exception),
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
            PostgresException postgres => postgres.IsTransient,
            NpgsqlException or RedisException or TimeoutException => true,
            // Entity Framework wraps what it takes for transient.
            _ => exception.InnerException is { } inner && IsAway(inner),
        };

    private ProblemHttpResult Away(HttpContext context, Exception exception)
    {
        LogAway(exception.GetBaseException().Message);
        return Problems.Unavailable(context, Problems.AwayFor(context.Request));
    }

    private ProblemHttpResult Failed(Exception exception)
    {
        LogFailed(exception);
        return Problems.Bare(StatusCodes.Status500InternalServerError);
    }

    [LoggerMessage(LogLevel.Warning, "Redis or Postgres is away: {Message}")]
    private partial void LogAway(string message);

    [LoggerMessage(LogLevel.Error, "A request failed.")]
    private partial void LogFailed(Exception exception);
}

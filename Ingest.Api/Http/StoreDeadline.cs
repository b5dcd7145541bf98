using Microsoft.AspNetCore.Http.Timeouts;

namespace Ingest.Api.Http;

/// <summary>Answers 503 when Redis or Postgres hangs, within two seconds and however long their clients still wait.</summary>
/// <remarks>
/// What is called goes on until those let go of it, which the request waits for after its answer: a connection that broke goes back
/// to its pool in order. A call without a request timeout has no deadline here either.
/// </remarks>
internal sealed partial class StoreDeadline(ILogger<StoreDeadline> logger) : IEndpointFilter
{
    /// <inheritdoc />
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.GetEndpoint()?.Metadata.GetMetadata<DisableRequestTimeoutAttribute>() is not null)
        {
            return await next(context);
        }

        var patience = http.RequestServices.GetRequiredService<StorePatience>();
        if (patience.End.IsCancellationRequested)
        {
            // Authentication has waited in vain already; nothing is begun that cannot end.
            return Problems.Unavailable(http, Problems.Away);
        }

        var work = next(context).AsTask();
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, patience.End));
        if (work.IsCompleted)
        {
            return await work;
        }

        LogLate(http.GetEndpoint()?.DisplayName);
        http.Response.OnCompleted(() => EndAsync(work));
        return Problems.Unavailable(http);
    }

    private async Task EndAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception ex)
        {
            LogEnded(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Endpoint}: Redis or Postgres does not answer in time.")]
    private partial void LogLate(string? endpoint);

    [LoggerMessage(LogLevel.Debug, "A call ended after its answer: {Message}")]
    private partial void LogEnded(string message);
}

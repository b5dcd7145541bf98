using System.Net;
using System.Net.Http.Headers;
using Dashboard.Web.Access;

namespace Dashboard.Web.Components.History;

/// <summary>Hands on Ingest.Api's file of pours, as it comes: a browser reaches the pages, and perhaps nothing else of Taproom.</summary>
internal static class PourExport
{
    /// <summary>Where the file is.</summary>
    public const string Path = "pours/export";

    private const string Away = "Ingest.Api does not answer, so there is no file. Try again in a moment.";

    /// <summary>Maps it.</summary>
    public static void MapPourExport(this IEndpointRouteBuilder routes) => routes.MapGet($"/{Path}", ExportAsync);

    private static async Task<IResult> ExportAsync(HttpContext context, IHttpClientFactory clients)
    {
        try
        {
            using var client = clients.CreateClient(TaproomApi.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"api/beers/export{context.Request.QueryString.Add("format", "csv")}");
            request.Headers.Authorization = context.User.Token() is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.RegisterForDispose(response);
            var content = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            return response.StatusCode is HttpStatusCode.OK
                ? TypedResults.Stream(content, "text/csv", "pours.csv")
                : TypedResults.Text($"Ingest.Api refused to make this file ({(int)response.StatusCode}).", statusCode: (int)response.StatusCode);
        }
        catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return TypedResults.Text(Away, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}

using System.Net.Http.Headers;
using Dashboard.Web.Access;

namespace Dashboard.Web.Components.Variance;

/// <summary>The report as a file: what Ingest.Api gives, by way of the pages, because a browser may reach nothing else of Taproom.</summary>
internal static class VarianceFile
{
    /// <summary>Where it is.</summary>
    public const string Path = "variance.csv";

    /// <summary>Maps it.</summary>
    public static void MapVarianceFile(this IEndpointRouteBuilder routes) => routes.MapGet($"/{Path}", GetAsync);

    private static async Task<IResult> GetAsync(HttpContext context, IHttpClientFactory clients)
    {
        try
        {
            using var client = clients.CreateClient(TaproomApi.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"api/stats/variance{context.Request.QueryString.Add("format", "csv")}");
            if (context.User.Token() is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await client.SendAsync(request, context.RequestAborted);
            // A report has a thousand rows at most.
            return response.IsSuccessStatusCode
                ? TypedResults.File(await response.Content.ReadAsByteArrayAsync(context.RequestAborted), "text/csv; charset=utf-8", "variance.csv")
                : TypedResults.Text("There is no report of this time.", statusCode: (int)response.StatusCode);
        }
        catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return TypedResults.Text("Ingest.Api does not answer. Try again in a moment.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}

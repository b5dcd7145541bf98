using System.Net.Http.Headers;
using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Access;

/// <summary>Hands on files of Ingest.Api, as they come: a browser reaches the pages, and perhaps nothing else of Taproom.</summary>
internal static class ApiFiles
{
    /// <summary>Where the pours are.</summary>
    public const string Pours = "pours/export";

    /// <summary>Where is what was poured beside what was sold.</summary>
    public const string Variance = "variance.csv";

    /// <summary>Maps them.</summary>
    public static RouteGroupBuilder MapApiFiles(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("");
        group.MapFile(Pours, "api/beers/export", "pours.csv");
        group.MapFile(Variance, "api/stats/variance", "variance.csv");
        return group;
    }

    private static void MapFile(this RouteGroupBuilder group, string path, string call, string name) =>
        group.MapGet(
            path,
            (HttpContext context, IHttpClientFactory clients, IStringLocalizer<Texts> texts) => SendAsync(context, clients, texts, call, name)
        );

    private static async Task<IResult> SendAsync(
        HttpContext context,
        IHttpClientFactory clients,
        IStringLocalizer<Texts> texts,
        string call,
        string name
    )
    {
        try
        {
            using var client = clients.CreateClient(TaproomApi.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{call}{context.Request.QueryString.Add("format", "csv")}");
            request.Headers.Authorization = context.User.Token() is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.RegisterForDispose(response);
            return response.IsSuccessStatusCode
                ? TypedResults.Stream(await response.Content.ReadAsStreamAsync(context.RequestAborted), "text/csv; charset=utf-8", name)
                : TypedResults.Text(
                    texts["Ingest.Api refused to make this file ({0}).", (int)response.StatusCode],
                    statusCode: (int)response.StatusCode
                );
        }
        catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return TypedResults.Text(
                texts["Ingest.Api does not answer. Try again in a moment."],
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Tap.Simulator.Meters;

/// <summary>What the meters answer over HTTP: a Rainforest gateway's post manager, and a resource for each meter of kind <c>json</c>.</summary>
internal static class MetersApi
{
    private const string Command = "get_instantaneous_demand";
    private const int MaxBodyBytes = 16 * 1024;

    private static readonly XmlReaderSettings Xml = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
    };

    /// <summary>Maps them.</summary>
    public static void MapMeters(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/cgi-bin/post_manager", AnswerPost).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        routes.MapGet("/meters/{id}", AnswerGet);
    }

    private static async Task<IResult> AnswerPost(HttpContext context, MeterFleet fleet, TimeProvider time)
    {
        var headers = context.Request.Headers;
        if (!fleet.IsAuthorized(headers["User"].ToString(), headers["Password"].ToString()))
        {
            return Error("Invalid user or password");
        }

        if (fleet.Find(headers["Cloud-ID"].ToString(), rainforest: true) is not { } meter)
        {
            return Error("Unknown Cloud-ID");
        }

        return await CommandOfAsync(context.Request) == Command
            ? await AnswerAsync(context, fleet, time, meter, meter.ToXml, "text/xml", () => Error("The meter does not answer"))
            : Error("Unknown command");
    }

    private static async Task<IResult> AnswerGet(string id, HttpContext context, MeterFleet fleet, TimeProvider time)
    {
        if (!IsAuthorized(context.Request, fleet))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"meters\"";
            return TypedResults.Unauthorized();
        }

        return fleet.Find(id, rainforest: false) is { } meter
            ? await AnswerAsync(context, fleet, time, meter, meter.ToJson, "application/json", () => TypedResults.StatusCode(500))
            : TypedResults.NotFound();
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context,
        MeterFleet fleet,
        TimeProvider time,
        SimulatedMeter meter,
        Func<DateTimeOffset, string> read,
        string contentType,
        Func<IResult> error
    )
    {
        switch (meter.NextFault())
        {
            case MeterFault.Refuse:
                context.Abort();
                return TypedResults.Empty;
            case MeterFault.Error:
                return error();
            case MeterFault.Garbled:
                var whole = read(time.GetLocalNow());
                return TypedResults.Text(whole[..(whole.Length / 2)], contentType);
            case MeterFault.Slow:
                await Task.Delay(fleet.SlowFor, time, context.RequestAborted);
                break;
        }

        return TypedResults.Text(read(time.GetLocalNow()), contentType);
    }

    private static async Task<string?> CommandOfAsync(HttpRequest request)
    {
        try
        {
            using var reader = XmlReader.Create(request.Body, Xml);
            var command = await XElement.LoadAsync(reader, LoadOptions.None, request.HttpContext.RequestAborted);
            return command.Element("Name")?.Value.Trim();
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static bool IsAuthorized(HttpRequest request, MeterFleet fleet)
    {
        Span<byte> decoded = stackalloc byte[512];
        if (
            !AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(header.Parameter ?? "", decoded, out var length)
        )
        {
            return false;
        }

        return Encoding.UTF8.GetString(decoded[..length]).Split(':', 2) is [var user, var password] && fleet.IsAuthorized(user, password);
    }

    // With status 200, as a gateway answers: the error is in the XML.
    private static ContentHttpResult Error(string text) => TypedResults.Text($"<Error><Text>{text}</Text></Error>", "text/xml");
}

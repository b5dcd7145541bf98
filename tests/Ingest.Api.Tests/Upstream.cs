using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>A Rainforest gateway, and a meter that answers JSON at <c>/json</c>; it notes what it is asked.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    public const string Password = "pass-that-never-comes-out";

    public const string Good = """
        <InstantaneousDemand>
          <DeviceMacId>0xd8d5b90000001234</DeviceMacId>
          <MeterMacId>0x00135003007c2f7b</MeterMacId>
          <TimeStamp>0x1e2d3c4b</TimeStamp>
          <Demand>0x0004ab</Demand>
          <Multiplier>0x00000003</Multiplier>
          <Divisor>0x000003e8</Divisor>
          <DigitsRight>0x03</DigitsRight>
          <DigitsLeft>0x0f</DigitsLeft>
          <SuppressLeadingZero>Y</SuppressLeadingZero>
        </InstantaneousDemand>
        """;

    private readonly WebApplication _app;

    private Upstream(WebApplication app)
    {
        _app = app;
        app.MapPost("/cgi-bin/post_manager", AnswerAsync);
        app.MapGet("/json", (Func<HttpRequest, string>)(request => $$"""{"auth":"{{request.Headers.Authorization}}"}"""));
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What it answers.</summary>
    public string Answer { get; set; } = Good;

    /// <summary>How long it takes, by meter id.</summary>
    public Func<string, TimeSpan> Delay { get; set; } = _ => TimeSpan.Zero;

    /// <summary>Headers and bodies of what was asked.</summary>
    public ConcurrentQueue<(string CloudId, string User, string Password, string Body)> Asked { get; } = [];

    public static async Task<Upstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var upstream = new Upstream(app);
        await app.StartAsync();
        return upstream;
    }

    /// <summary>Registers a meter that is this one, as the admin.</summary>
    public Task<HttpResponseMessage> RegisterAsync(Api api, string id, string kind = "rainforest", string user = "ann", bool active = true)
    {
        var meter = new
        {
            id,
            kind,
            address = kind == "json" ? $"{Address}/json" : Address,
            user,
            password = Password,
            active,
        };
        return Calls.AnsweredAsync(() => api.Admin.PostAsJsonAsync("/api/meters", meter));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        Asked.Enqueue((headers["Cloud-ID"].ToString(), headers["User"].ToString(), headers["Password"].ToString(), await reader.ReadToEndAsync()));
        await Task.Delay(Delay(headers["Cloud-ID"].ToString()), context.RequestAborted);
        await context.Response.WriteAsync(Answer);
    }
}

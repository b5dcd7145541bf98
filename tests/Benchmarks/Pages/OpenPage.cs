using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Benchmarks.Pages;

/// <summary>
/// A page as its server sees one, without a browser: it loads the page, opens the circuit over a compressed WebSocket, answers the server's
/// calls of script, and says of each drawing at once that it is done. Hundreds of them fit on a small machine, which as many tabs would not.
/// </summary>
internal sealed partial class OpenPage : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HubConnection _circuit;
    private readonly TaskCompletionSource _live = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _circuitId = "";
    private int _updates;
    private string? _error;

    private OpenPage(HttpClient http, HubConnection circuit) => (_http, _circuit) = (http, circuit);

    /// <summary>How often the server has drawn it.</summary>
    public int Updates => Volatile.Read(ref _updates);

    /// <summary>Opens it, and waits until it has been drawn after the server was told that the browser shows it.</summary>
    /// <param name="http">Its base address is that of the page; it takes compressed answers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<OpenPage> OpenAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var html = await http.GetStringAsync("", cancellationToken);
        var builder = new HubConnectionBuilder().WithUrl(
            new Uri(http.BaseAddress!, "_blazor"),
            HttpTransportType.WebSockets,
            // As a browser offers it.
            connection => connection.WebSocketConfiguration = socket => socket.DangerousDeflateOptions = new WebSocketDeflateOptions()
        );
        builder.Services.Replace(ServiceDescriptor.Singleton<IHubProtocol, BlazorPack>());
        var page = new OpenPage(http, builder.Build());
        page.Answer();
        await page._circuit.StartAsync(cancellationToken);
        var address = http.BaseAddress!.AbsoluteUri;
        page._circuitId = await page._circuit.InvokeAsync<string>("StartCircuit", address, address, "[]", "", cancellationToken);
        Check.That(page._circuitId is { Length: > 0 }, "The server opened no circuit.");
        await page._circuit.SendAsync("UpdateRootComponents", Roots(html), State(html), cancellationToken);
        await page._live.Task.WaitAsync(cancellationToken);
        return page;
    }

    /// <summary>Says that something went wrong with it, in words of the server; null for nothing.</summary>
    public string? Error => _error ?? (_circuit.State is HubConnectionState.Connected ? null : "The connection has ended.");

    /// <summary>Leaves it as a browser does that goes to another page.</summary>
    public async ValueTask DisposeAsync()
    {
        using var beacon = new MultipartFormDataContent { { new StringContent(_circuitId), "circuitId" } };
        using var answer = await _http.PostAsync("_blazor/disconnect", beacon);
        await _circuit.DisposeAsync();
    }

    // What Blazor's script does with what the server sends; see CircuitManager.ts of .NET 10.
    private void Answer()
    {
        _circuit.On<long, byte[]>("JS.RenderBatch", (id, _) => DrawnAsync(id));
        _circuit.On<long, string, string, int, long, int>("JS.BeginInvokeJS", (id, name, _, _, _, _) => CalledAsync(id, name));
        _circuit.On<string>("JS.Error", error => Fail(error));
        _circuit.Closed += _ =>
        {
            Fail("The connection has ended.");
            return Task.CompletedTask;
        };
    }

    private Task DrawnAsync(long id)
    {
        Interlocked.Increment(ref _updates);
        return _circuit.SendAsync("OnRenderCompleted", id, null);
    }

    private async Task CalledAsync(long id, string name)
    {
        if (id == 0)
        {
            // Nobody waits for an answer.
            return;
        }

        var isOpened = name == "taproom.opened";
        await _circuit.SendAsync("EndInvokeJSFromDotNet", id, true, $"[{id},true,{(isOpened ? "\"Europe/Berlin\"" : "null")}]");
        if (isOpened)
        {
            _live.TrySetResult();
        }
    }

    private void Fail(string error)
    {
        _error ??= error;
        _live.TrySetException(new InvalidOperationException(error));
    }

    // The components that the page has for the server, each said by a comment where it begins.
    private static string Roots(string html)
    {
        var markers = Markers()
            .Matches(html)
            .Select(marker => JsonNode.Parse(marker.Groups[1].ValueSpan.ToString())!)
            .Where(marker => marker["type"] is not null);
        var operations = markers
            .Select(
                (marker, n) =>
                    new
                    {
                        type = "add",
                        ssrComponentId = n + 1,
                        marker,
                    }
            )
            .ToList();
        Check.That(operations.Count > 0, "The page has no component for the server.");
        return JsonSerializer.Serialize(new { batchId = 1, operations });
    }

    private static string State(string html) => ServerState().Match(html).Groups[1].Value;

    [GeneratedRegex("<!--Blazor:({.*?})-->")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:([a-zA-Z0-9+/=]+)-->")]
    private static partial Regex ServerState();
}

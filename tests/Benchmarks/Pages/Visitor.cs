using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Testing;

namespace Benchmarks.Pages;

/// <summary>What it took to open a page.</summary>
/// <param name="Bytes">What the server sent until the page was live: answers with their heads, the WebSocket's handshake and frames as they were compressed.</param>
/// <param name="FileBytes">Of them the page itself, scripts, styles and other files, by Chromium's own count.</param>
/// <param name="Seconds">From the navigation until the page said that it is live.</param>
internal sealed record Opening(long Bytes, double FileBytes, double Seconds);

/// <summary>Somebody with nothing remembered who opens the live page in Chromium, through a relay that counts what the server sends.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    // Notes when the page says that it is live, in ms since the navigation began.
    private const string Watch = """
        new MutationObserver(() => {
          if (document.documentElement?.dataset.feed === "listening") {
            window.liveAt ??= performance.now();
          }
        }).observe(document, { subtree: true, childList: true, attributeFilter: ["data-feed"] });
        """;

    private static readonly byte[] Update = Encoding.ASCII.GetBytes("JS.RenderBatch");

    private readonly IBrowserContext _context;
    private readonly IPage _page;
    private readonly TcpRelay _relay;
    private double _fileBytes;
    private int _updates;

    private Visitor(IBrowserContext context, IPage page, TcpRelay relay) => (_context, _page, _relay) = (context, page, relay);

    /// <summary>What the server has sent so far, in bytes.</summary>
    public long Bytes => _relay.BytesToClients;

    /// <summary>How often the server has drawn the page so far.</summary>
    public int Updates => Volatile.Read(ref _updates);

    /// <summary>Prepares one.</summary>
    /// <param name="headless">The browser.</param>
    /// <param name="port">Port of the page.</param>
    public static async Task<Visitor> ComeAsync(Headless headless, int port)
    {
        var context = await headless.Browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = 1440, Height = 900 },
            }
        );
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync(Watch);
        var visitor = new Visitor(context, page, new TcpRelay(port));
        var protocol = await context.NewCDPSessionAsync(page);
        protocol.Event("Network.loadingFinished").OnEvent += (_, data) => visitor.Loaded(data!.Value);
        protocol.Event("Network.webSocketFrameReceived").OnEvent += (_, data) => visitor.Received(data!.Value);
        await protocol.SendAsync("Network.enable");
        return visitor;
    }

    /// <summary>Opens the page and waits until it is live.</summary>
    public async Task<Opening> OpenAsync()
    {
        var before = Bytes;
        _fileBytes = 0;
        await _page.GotoAsync($"http://127.0.0.1:{_relay.Port}/");
        await _page.Locator("html[data-feed=listening]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        var bytes = Bytes - before;
        return new Opening(bytes, _fileBytes, await _page.EvaluateAsync<double>("window.liveAt") / 1_000);
    }

    /// <summary>Leaves the page as by a link to another one, so that the server forgets it at once.</summary>
    public async Task LeaveAsync() => await _page.GotoAsync("about:blank");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        await _context.CloseAsync();
        await _relay.DisposeAsync();
    }

    private void Loaded(JsonElement request) => _fileBytes += request.GetProperty("encodedDataLength").GetDouble();

    private void Received(JsonElement frame)
    {
        var response = frame.GetProperty("response");
        // Binary frames come in base64; several messages may share one.
        if (response.GetProperty("opcode").GetInt32() == 2)
        {
            Interlocked.Add(ref _updates, response.GetProperty("payloadData").GetBytesFromBase64().AsSpan().Count(Update));
        }
    }
}

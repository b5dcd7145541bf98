using System.Net;
using Testing;

namespace Benchmarks.Pages;

/// <summary>Many open pages, through a relay that counts what the server sends to all of them.</summary>
internal sealed class OpenPages : IAsyncDisposable
{
    private const int AtOnce = 8;

    private readonly TcpRelay _relay;
    private readonly HttpClient _http;
    private readonly List<OpenPage> _pages = [];

    private OpenPages(int port)
    {
        _relay = new TcpRelay(port);
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, UseCookies = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{_relay.Port}/"),
        };
    }

    /// <summary>Opens them, a few at once.</summary>
    /// <param name="port">Port of the page.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<OpenPages> OpenAsync(int port, int count, CancellationToken cancellationToken)
    {
        var pages = new OpenPages(port);
        try
        {
            await Many.TimesAsync(count, AtOnce, async _ => pages.Add(await OpenPage.OpenAsync(pages._http, cancellationToken)));
            return pages;
        }
        catch
        {
            await pages.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the server has sent so far to all of them, in bytes.</summary>
    public long Bytes => _relay.BytesToClients;

    /// <summary>How often each was drawn so far.</summary>
    public IReadOnlyList<int> Updates => [.. _pages.Select(page => page.Updates)];

    /// <summary>Throws when one of them is not open any more.</summary>
    public void AreOpen() => Check.That(_pages.All(page => page.Error is null), _pages.FirstOrDefault(page => page.Error is not null)?.Error ?? "");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Many.TimesAsync(_pages.Count, AtOnce, async n => await _pages[n].DisposeAsync());
        _http.Dispose();
        await _relay.DisposeAsync();
    }

    private void Add(OpenPage page)
    {
        lock (_pages)
        {
            _pages.Add(page);
        }
    }
}

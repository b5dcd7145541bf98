using Dashboard.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Dashboard.Web.Components;

/// <summary>What every live page does.</summary>
/// <remarks>
/// The browser listens to the hub. A frame moves the page: script marks the tap and tells a screen reader at once, and asks for
/// <see cref="Refresh"/>, at most ten times a second. What is then shown is the server's own board, so no page counts for
/// itself, and none can have missed or doubled a pour after a reconnect.
/// </remarks>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan ClockTick = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leaving = new();
    private DotNetObjectReference<LivePage>? _self;
    private IJSObjectReference? _listener;
    private Task _clock = Task.CompletedTask;

    /// <summary>The frames that a screen reader is told of.</summary>
    protected abstract string[] Announced { get; }

    /// <summary>The taps, as they are now.</summary>
    protected BoardView View { get; private set; } = null!;

    /// <summary>The browser's offset from UTC.</summary>
    protected TimeSpan Offset { get; private set; }

    [Inject]
    private protected EntryBoard Entries { get; set; } = null!;

    [Inject]
    private TapBoard Board { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <summary>Shows the boards as they are now.</summary>
    [JSInvokable]
    public void Refresh()
    {
        View = Board.View();
        StateHasChanged();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _clock;
        try
        {
            if (_listener is not null)
            {
                await _listener.InvokeVoidAsync("stop");
                await _listener.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its listener with it.
        }

        _self?.Dispose();
        _leaving.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc />
    protected override void OnInitialized() => View = Board.View();

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _self = DotNetObjectReference.Create(this);
        await using var module = await Js.InvokeAsync<IJSObjectReference>("import", _leaving.Token, $"./{Assets["live.js"]}");
        Offset = TimeSpan.FromMinutes(await module.InvokeAsync<int>("utcOffsetMinutes", _leaving.Token));
        _listener = await module.InvokeAsync<IJSObjectReference>("listen", _leaving.Token, PoursHub.Path, _self, Announced);
        _clock = TickAsync(_leaving.Token);
        Refresh();
    }

    // Ages, activity and the state of Redis and Postgres change without any pour.
    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ClockTick, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await InvokeAsync(Refresh);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The visitor left.
        }
    }
}

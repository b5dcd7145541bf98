using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Taproom.Dashboard.Live;

namespace Taproom.Dashboard.Components;

/// <summary>The live page.</summary>
/// <remarks>
/// The browser listens to the hub. A frame moves the page: script marks the tap and tells a screen reader at once, and asks for
/// <see cref="Refresh"/>, at most ten times a second. What is then shown is the server's own board, so no page counts for
/// itself, and none can have missed or doubled a pour after a reconnect.
/// </remarks>
public sealed partial class LivePage(IJSRuntime js, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan ClockTick = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leaving = new();
    private BoardView _view = null!;
    private TimeSpan _offset;
    private DotNetObjectReference<LivePage>? _self;
    private IJSObjectReference? _listener;
    private Task _clock = Task.CompletedTask;

    [Inject]
    private TapBoard Board { get; set; } = null!;

    /// <summary>Shows the board as it is now.</summary>
    [JSInvokable]
    public void Refresh()
    {
        _view = Board.View();
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
    }

    /// <inheritdoc />
    protected override void OnInitialized() => _view = Board.View();

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _self = DotNetObjectReference.Create(this);
        await using var module = await js.InvokeAsync<IJSObjectReference>("import", _leaving.Token, $"./{Assets["live.js"]}");
        _offset = TimeSpan.FromMinutes(await module.InvokeAsync<int>("utcOffsetMinutes", _leaving.Token));
        _listener = await module.InvokeAsync<IJSObjectReference>("listen", _leaving.Token, PoursHub.Path, _self);
        _clock = TickAsync(_leaving.Token);
        Refresh();
    }

    // Ages, activity and the state of Redis and Postgres change without any pour.
    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ClockTick, time);
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

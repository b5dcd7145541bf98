namespace MQTTnet;

/// <summary>Handlers that are called one after the other, each awaited before the next.</summary>
internal sealed class AsyncEvent<T>
{
    private readonly Lock _gate = new();
    private Func<T, Task>[] _handlers = [];

    public bool HasHandlers => _handlers.Length > 0;

    public void Add(Func<T, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            _handlers = [.. _handlers, handler];
        }
    }

    public void Remove(Func<T, Task> handler)
    {
        lock (_gate)
        {
            var index = Array.IndexOf(_handlers, handler);
            if (index >= 0)
            {
                _handlers = [.. _handlers[..index], .. _handlers[(index + 1)..]];
            }
        }
    }

    public Task InvokeAsync(T args)
    {
        var handlers = _handlers;
        return handlers.Length switch
        {
            0 => Task.CompletedTask,
            1 => handlers[0](args),
            _ => InvokeAllAsync(handlers, args),
        };
    }

    private static async Task InvokeAllAsync(Func<T, Task>[] handlers, T args)
    {
        foreach (var handler in handlers)
        {
            await handler(args).ConfigureAwait(false);
        }
    }
}

namespace StackExchange.Redis;

/// <summary>Sends one command and gives up when the server does not answer, as version 2 does; version 1 would wait for ever.</summary>
internal static class StreamCommand
{
    // The defaults of the two versions: what was never set counts as version 2's.
    private const int OldDefaultMs = 1000;
    private const int DefaultMs = 5000;

    public static Task<RedisResult> SendAsync(
        this IDatabaseAsync database, string command, ICollection<object> arguments, CommandFlags flags)
    {
        var reply = database.ExecuteAsync(command, arguments, flags);

        // What a batch or transaction holds back is sent later, so its time does not run yet.
        return reply.IsCompleted || database is IBatch ? reply : BoundedAsync(reply, command, database.Multiplexer.TimeoutMilliseconds);
    }

    private static async Task<RedisResult> BoundedAsync(Task<RedisResult> reply, string command, int timeoutMs)
    {
        var limitMs = timeoutMs == OldDefaultMs ? DefaultMs : timeoutMs;
        try
        {
            return await reply.WaitAsync(TimeSpan.FromMilliseconds(limitMs)).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!reply.IsCompleted)
        {
            // Version 2 throws RedisTimeoutException, which derives from this type and which version 1 lets nobody else make.
            throw new TimeoutException($"Timeout awaiting response ({limitMs}ms), command={command}");
        }
    }
}

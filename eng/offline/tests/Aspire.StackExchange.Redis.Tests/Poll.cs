namespace Aspire.StackExchange.Redis.Tests;

internal static class Poll
{
    /// <summary>Asks until the answer is true, at most for 20 seconds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(20), "The condition did not come true in time.");
            await Task.Delay(50);
        }
    }
}

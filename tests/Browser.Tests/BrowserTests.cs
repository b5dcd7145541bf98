using Xunit;

namespace Browser.Tests;

/// <summary>Tests that look at pages; each leaves them when it ends.</summary>
public abstract class BrowserTests(Chromium chromium) : IAsyncLifetime
{
    /// <summary>The browser of all tests.</summary>
    protected Chromium Browser => chromium;

    /// <inheritdoc />
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public Task DisposeAsync() => chromium.LeaveAsync();
}

using Testing;

namespace Browser.Tests;

[CollectionDefinition(nameof(BrowserCollection))]
public sealed class BrowserCollection : ICollectionFixture<Servers>, ICollectionFixture<Chromium>;

using Testing;

namespace Dashboard.Web.Tests;

[CollectionDefinition(nameof(ServersCollection))]
public sealed class ServersCollection : ICollectionFixture<Servers>;

using Testing;

namespace Ingest.Api.Tests;

[CollectionDefinition(nameof(ServersCollection))]
public sealed class ServersCollection : ICollectionFixture<Servers>;

/// <summary>Servers that tests stop or make hang.</summary>
[CollectionDefinition(nameof(TroubledServersCollection))]
public sealed class TroubledServersCollection : ICollectionFixture<Servers>;

using Testing;

namespace Mqtt.Bridge.Tests;

[CollectionDefinition(nameof(ServersCollection))]
public sealed class ServersCollection : ICollectionFixture<Servers>;

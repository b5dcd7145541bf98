using Testing;

namespace Mqtt.Bridge.Tests;

[CollectionDefinition(nameof(RedisCollection))]
public sealed class RedisCollection : ICollectionFixture<RedisServer>;

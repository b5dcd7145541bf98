using Testing;

namespace Taproom.Tests;

[CollectionDefinition(nameof(RedisCollection))]
public sealed class RedisCollection : ICollectionFixture<RedisServer>;

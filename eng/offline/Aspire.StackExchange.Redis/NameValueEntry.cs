namespace StackExchange.Redis;

/// <summary>One field of a stream entry.</summary>
/// <param name="name">The field's name.</param>
/// <param name="value">The field's value.</param>
public readonly struct NameValueEntry(RedisValue name, RedisValue value) : IEquatable<NameValueEntry>
{
    /// <summary>The field's name.</summary>
    public RedisValue Name { get; } = name;

    /// <summary>The field's value.</summary>
    public RedisValue Value { get; } = value;

    /// <summary>The field as a pair.</summary>
    public static implicit operator KeyValuePair<RedisValue, RedisValue>(NameValueEntry field) => new(field.Name, field.Value);

    /// <summary>The pair as a field.</summary>
    public static implicit operator NameValueEntry(KeyValuePair<RedisValue, RedisValue> pair) => new(pair.Key, pair.Value);

    /// <summary>Same name and same value.</summary>
    public static bool operator ==(NameValueEntry left, NameValueEntry right) => left.Equals(right);

    /// <summary>Another name or another value.</summary>
    public static bool operator !=(NameValueEntry left, NameValueEntry right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(NameValueEntry other) => Name == other.Name && Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NameValueEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Value}";
}

namespace StackExchange.Redis;

/// <summary>One entry of a stream.</summary>
/// <param name="id">The entry's id, <c>milliseconds-sequence</c>.</param>
/// <param name="values">Its fields in the order in which they were added.</param>
public readonly struct StreamEntry(RedisValue id, NameValueEntry[] values)
{
    /// <summary>No entry.</summary>
    public static StreamEntry Null { get; } = new(RedisValue.Null, []);

    /// <summary>The entry's id, <c>milliseconds-sequence</c>.</summary>
    public RedisValue Id { get; } = id;

    /// <summary>The fields; empty when a pending entry was deleted from the stream.</summary>
    public NameValueEntry[] Values { get; } = values;

    /// <summary>True for <see cref="Null"/> only.</summary>
    public bool IsNull => Id.IsNull && Values is { Length: 0 };

    /// <summary>The value of the first field of that name, or null.</summary>
    public RedisValue this[RedisValue fieldName]
    {
        get
        {
            foreach (var field in Values ?? [])
            {
                if (field.Name == fieldName)
                {
                    return field.Value;
                }
            }

            return RedisValue.Null;
        }
    }
}

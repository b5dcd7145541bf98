namespace StackExchange.Redis;

/// <summary>A stream, from XINFO STREAM.</summary>
public readonly struct StreamInfo
{
    internal StreamInfo(int length, int radixTreeKeys, int radixTreeNodes, int groups, StreamEntry first, StreamEntry last, RedisValue lastId)
    {
        Length = length;
        RadixTreeKeys = radixTreeKeys;
        RadixTreeNodes = radixTreeNodes;
        ConsumerGroupCount = groups;
        FirstEntry = first;
        LastEntry = last;
        LastGeneratedId = lastId;
    }

    /// <summary>How many entries it holds.</summary>
    public int Length { get; }

    /// <summary>Keys of its radix tree.</summary>
    public int RadixTreeKeys { get; }

    /// <summary>Nodes of its radix tree.</summary>
    public int RadixTreeNodes { get; }

    /// <summary>How many consumer groups it has.</summary>
    public int ConsumerGroupCount { get; }

    /// <summary>The oldest entry, or <see cref="StreamEntry.Null"/>.</summary>
    public StreamEntry FirstEntry { get; }

    /// <summary>The newest entry, or <see cref="StreamEntry.Null"/>.</summary>
    public StreamEntry LastEntry { get; }

    /// <summary>The last id that the stream gave out.</summary>
    public RedisValue LastGeneratedId { get; }
}

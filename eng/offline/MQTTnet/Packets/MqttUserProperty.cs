using System.Text;

namespace MQTTnet.Packets;

/// <summary>A name with a value, attached to a packet (MQTT 5.0). The value is kept as UTF-8 bytes.</summary>
public sealed class MqttUserProperty
{
    [Obsolete("Use the constructor that takes the value as bytes.")]
    public MqttUserProperty(string name, string value)
        : this(name, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(value ?? throw new ArgumentNullException(nameof(value))))
    {
    }

    public MqttUserProperty(string name, ArraySegment<byte> value)
        : this(name, value.Array is null ? throw new ArgumentNullException(nameof(value)) : value.AsMemory())
    {
    }

    public MqttUserProperty(string name, ReadOnlyMemory<byte> value)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        ValueBuffer = value;
    }

    public string Name { get; }

    [Obsolete("Use ValueBuffer or ReadValueAsString.")]
    public string Value => this.ReadValueAsString();

    /// <summary>The value in UTF-8.</summary>
    public ReadOnlyMemory<byte> ValueBuffer { get; }

    public bool Equals(MqttUserProperty? other) =>
        other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal) && ValueBuffer.Span.SequenceEqual(other.ValueBuffer.Span);

    public override bool Equals(object? obj) => Equals(obj as MqttUserProperty);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Name, StringComparer.Ordinal);
        hash.AddBytes(ValueBuffer.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => $"{Name} = {this.ReadValueAsString()}";
}

/// <summary>Reads user properties.</summary>
public static class MqttUserPropertyExtensions
{
    /// <summary>Returns the value as text.</summary>
    public static string ReadValueAsString(this MqttUserProperty userProperty)
    {
        ArgumentNullException.ThrowIfNull(userProperty);
        return Encoding.UTF8.GetString(userProperty.ValueBuffer.Span);
    }
}

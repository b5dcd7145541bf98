namespace MQTTnet.Formatter;

/// <summary>Kept for source compatibility; the stand-in sizes its buffers itself.</summary>
public sealed class MqttBufferWriter(int bufferSize, int maxBufferSize)
{
    internal int BufferSize { get; } = bufferSize;

    internal int MaximumBufferSize { get; } = maxBufferSize;
}

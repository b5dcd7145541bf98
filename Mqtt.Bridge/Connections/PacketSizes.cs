namespace Mqtt.Bridge.Connections;

/// <summary>Follows the packets in a stream of bytes by their fixed headers (MQTT, section 2.1), so that a size is known before its bytes come.</summary>
internal sealed class PacketSizes
{
    private int _headerBytes;
    private long _bodyBytes;

    /// <summary>Follows the next bytes of the stream, however they are cut.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="maxBytes">Largest packet allowed, with its header.</param>
    /// <returns>The size that the first packet above the limit announces; null when there is none.</returns>
    public long? FindTooLarge(ReadOnlySpan<byte> bytes, int maxBytes)
    {
        while (bytes.Length > 0)
        {
            if (_headerBytes == 0 && _bodyBytes > 0)
            {
                var body = (int)Math.Min(_bodyBytes, bytes.Length);
                _bodyBytes -= body;
                bytes = bytes[body..];
                continue;
            }

            if (IsLastOfHeader(bytes[0]))
            {
                if (_headerBytes + _bodyBytes > maxBytes)
                {
                    return _headerBytes + _bodyBytes;
                }

                _headerBytes = 0;
            }

            bytes = bytes[1..];
        }

        return null;
    }

    private bool IsLastOfHeader(byte next)
    {
        if (++_headerBytes == 1)
        {
            _bodyBytes = 0;
            return false;
        }

        // The length has seven bits in each byte, the lowest first, in four bytes at most; what is longer is malformed.
        _bodyBytes |= (long)(next & 0x7F) << (7 * (_headerBytes - 2));
        return (next & 0x80) == 0 || _headerBytes == 5;
    }
}

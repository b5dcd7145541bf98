using System.Text;

namespace Benchmarks.Load;

/// <summary>The few other MQTT packets that a load sends.</summary>
internal static class Packets
{
    public const byte ConnAck = 0x20;
    public const byte Publish = 0x30;
    public const byte PubAck = 0x40;
    public const byte SubAck = 0x90;
    public const byte PingResponse = 0xD0;

    public static readonly byte[] PingRequest = [0xC0, 0];

    /// <summary>A CONNECT with clean start.</summary>
    /// <param name="tap">The tap id, which is the user name too.</param>
    /// <param name="level">4 for MQTT 3.1.1, 5 for MQTT 5.</param>
    /// <param name="token">The password.</param>
    /// <param name="keepAlive">In seconds.</param>
    public static byte[] Connect(int tap, int level, string token, int keepAlive)
    {
        byte[] none = level == 5 ? [0] : [];
        byte[] body = [.. Text("MQTT"), (byte)level, 0xC2, (byte)(keepAlive >> 8), (byte)keepAlive, .. none];
        return Packet(0x10, [.. body, .. Text($"bench-{tap}"), .. Text($"{tap}"), .. Text(token)]);
    }

    /// <summary>A SUBSCRIBE with QoS 0.</summary>
    public static byte[] Subscribe(string topic, int level)
    {
        byte[] none = level == 5 ? [0] : [];
        return Packet(0x82, [0, 1, .. none, .. Text(topic), 0]);
    }

    /// <summary>A text with its length before it.</summary>
    public static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    /// <summary>A packet of less than 16,384 bytes.</summary>
    public static byte[] Packet(byte header, byte[] body) =>
        body.Length < 128 ? [header, (byte)body.Length, .. body] : [header, (byte)(body.Length % 128 | 0x80), (byte)(body.Length / 128), .. body];
}

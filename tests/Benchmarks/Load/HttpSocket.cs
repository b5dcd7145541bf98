using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Load;

/// <summary>An HTTP/1.1 connection on which one request follows the other, and that costs little more than its system calls.</summary>
internal sealed class HttpSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _received = new byte[16 * 1_024];

    private HttpSocket() { }

    /// <summary>Connects to a port on loopback.</summary>
    public static async Task<HttpSocket> ConnectAsync(int port)
    {
        var http = new HttpSocket();
        await http._socket.ConnectAsync(IPAddress.Loopback, port);
        return http;
    }

    /// <summary>Sends a request and takes its answer.</summary>
    /// <returns>The status, and the head and the body as they came; valid until the next call.</returns>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Answer)> AskAsync(ReadOnlyMemory<byte> request)
    {
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request)..];
        }

        var count = 0;
        do
        {
            if (count == _received.Length)
            {
                Array.Resize(ref _received, 2 * count);
            }

            var more = await _socket.ReceiveAsync(_received.AsMemory(count));
            count += more > 0 ? more : throw new InvalidOperationException("The server has closed an HTTP connection.");
        } while (!IsWhole(_received.AsSpan(0, count)));

        // "HTTP/1.1 200"
        return (int.Parse(_received.AsSpan(9, 3), CultureInfo.InvariantCulture), _received.AsMemory(0, count));
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        var name = answer[..head].IndexOf("Content-Length: "u8);
        if (name < 0)
        {
            // In chunks, of which the last is empty; nothing else follows it on the connection.
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        }

        var length = answer[(name + "Content-Length: ".Length)..];
        return answer.Length == head + 4 + int.Parse(length[..length.IndexOf("\r\n"u8)], CultureInfo.InvariantCulture);
    }

    /// <summary>A request without a body.</summary>
    public static byte[] Get(string path) => Encoding.UTF8.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    /// <summary>A request with a body of JSON.</summary>
    public static byte[] Post(string path, string token, string json) =>
        Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {Encoding.UTF8.GetByteCount(json).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{json}"
        );

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();
}

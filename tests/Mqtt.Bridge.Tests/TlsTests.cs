using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class TlsTests(RedisServer redis) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");

    [Fact]
    public async Task A_tap_that_knows_only_the_authority_pours_over_TLS()
    {
        var (chain, key, authority) = TestCertificate.WriteChain(_folder.FullName);
        var port = LocalServer.FreePort();
        await using var bridge = await TestBridge.StartAsync(
            redis,
            ("Mqtt:TlsPort", port.ToString()),
            ("Mqtt:TlsCertificate", chain),
            ("Mqtt:TlsKey", key)
        );

        var (exitCode, output) = await Mosquitto.PublishAsync(
            port,
            "taps/7/pours",
            """{"volume":473}""",
            $"-V 311 -q 1 -u 7 -i tap-7 --cafile {authority}"
        );

        Assert.True(exitCode == 0, output);
        Assert.Single(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task Over_TLS_as_well_a_packet_that_is_too_large_is_not_read_and_who_says_nothing_is_closed()
    {
        var (certificate, key) = TestCertificate.Write(_folder.FullName);
        var port = LocalServer.FreePort();
        await using var bridge = await TestBridge.StartAsync(
            redis,
            ("Mqtt:TlsPort", port.ToString()),
            ("Mqtt:TlsCertificate", certificate),
            ("Mqtt:TlsKey", key),
            ("Mqtt:MaxPacketSize", "2048"),
            ("Mqtt:CommunicationTimeout", "00:00:03")
        );
        using var silent = await RawTap.OpenAsync(port);

        // More than mosquitto_pub is told of; on 3.1.1 it is told nothing.
        var (exitCode, _) = await Mosquitto.PublishAsync(
            port,
            "taps/7/pours",
            new string(' ', 10_000),
            $"-V 311 -q 1 -u 7 -i tap-7 --cafile {certificate}"
        );

        Assert.NotEqual(0, exitCode);
        Assert.Equal("7", Assert.Single(await bridge.DeadLettersAsync())["tap"]);
        Assert.Null(await silent.ReadAsync());
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_is_shown_to_new_connections_and_a_broken_one_is_not()
    {
        var (certificate, key) = TestCertificate.Write(_folder.FullName);
        var port = LocalServer.FreePort();
        await using var bridge = await TestBridge.StartAsync(
            redis,
            ("Mqtt:TlsPort", port.ToString()),
            ("Mqtt:TlsCertificate", certificate),
            ("Mqtt:TlsKey", key)
        );
        var first = await ShownAsync(port);

        File.WriteAllText(certificate, "no certificate");
        Assert.Equal(first, await ShownAsync(port));
        var (renewed, renewedKey) = TestCertificate.Write(_folder.CreateSubdirectory("renewed").FullName);
        File.Copy(renewedKey, key, overwrite: true);
        File.Copy(renewed, certificate, overwrite: true);

        Assert.NotEqual(first, await ShownAsync(port));
    }

    private static async Task<string> ShownAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls.RemoteCertificate!.GetCertHashString();
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_stops_the_start_with_a_sentence_that_names_it()
    {
        var missing = Path.Combine(_folder.FullName, "none.pem");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TestBridge.StartAsync(redis, ("Mqtt:TlsCertificate", missing)));

        Assert.StartsWith($"The TLS certificate '{missing}' cannot be used: ", error.Message);
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("0.0.0.0", true)]
    public async Task Both_listeners_listen_where_they_are_told(string address, bool isOpen)
    {
        var (certificate, key) = TestCertificate.Write(_folder.FullName);
        var tls = LocalServer.FreePort();
        await using var bridge = await TestBridge.StartAsync(
            redis,
            ("Mqtt:ListenAddress", address),
            ("Mqtt:TlsPort", tls.ToString()),
            ("Mqtt:TlsCertificate", certificate),
            ("Mqtt:TlsKey", key)
        );

        // The whole of 127.0.0.0/8 is this machine, and only its first address is localhost.
        Assert.Equal(
            [true, true, isOpen, isOpen],
            [
                await IsOpenAsync("127.0.0.1", bridge.Port),
                await IsOpenAsync("127.0.0.1", tls),
                await IsOpenAsync("127.0.0.2", bridge.Port),
                await IsOpenAsync("127.0.0.2", tls),
            ]
        );
    }

    [Fact]
    public async Task An_address_to_listen_on_that_is_none_stops_the_start_with_a_sentence_that_names_it()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TestBridge.StartAsync(redis, ("Mqtt:ListenAddress", "bar")));

        Assert.Equal("Mqtt:ListenAddress must be localhost or an IP address, not 'bar'.", error.Message);
    }

    private static async Task<bool> IsOpenAsync(string address, int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Parse(address), port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

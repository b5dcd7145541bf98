using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>How connections and sessions begin and end.</summary>
public sealed class ConnectionTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_second_connection_takes_the_session_over(byte version)
    {
        await using var server = await TestServer.StartAsync();
        using var first = await RawClient.ConnectAsync(server.Port, version, "same");
        using var second = await RawClient.ConnectAsync(server.Port, version, "same", flags: 0);

        Assert.Equal(version == 5 ? (byte)MqttDisconnectReasonCode.SessionTakenOver : null, await first.ReadToCloseAsync());
        await second.SendAsync(0xC0, 0);
        Assert.Equal([0xD0, 0], (await second.ReadPacketAsync())!);
        Assert.Equal(MqttClientDisconnectType.Takeover, Assert.Single(server.Disconnected).DisconnectType);
        Assert.Single(await server.Server.GetClientsAsync());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_silent_client_is_disconnected_after_one_and_a_half_keep_alive_periods(byte version)
    {
        await using var server = await TestServer.StartAsync();
        var clock = Stopwatch.StartNew();
        using var client = await RawClient.ConnectAsync(server.Port, version, "mute", keepAlive: 1);

        Assert.Equal(version == 5 ? (byte)MqttDisconnectReasonCode.KeepAliveTimeout : null, await client.ReadToCloseAsync());

        Assert.InRange(clock.Elapsed.TotalSeconds, 1.4, 10);
        await Support.Eventually(() => server.Disconnected.Any(d => d.DisconnectType == MqttClientDisconnectType.NotClean), "the host hears of it");
    }

    [Fact]
    public async Task A_client_with_keep_alive_stays_connected()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("pinging", configure: o => o.WithKeepAlivePeriod(TimeSpan.FromSeconds(1)));
        var clock = Stopwatch.StartNew();

        await Support.Eventually(() => clock.Elapsed > TimeSpan.FromSeconds(2.5), "some keep-alive periods pass");

        Assert.True(client.IsConnected);
        Assert.Empty(server.Disconnected);
    }

    [Fact]
    public async Task A_stop_tells_the_clients_frees_the_port_and_the_server_starts_again()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.NewClient();
        var ended = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += args =>
        {
            ended.TrySetResult(args);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(server.ClientOptions("c").Build());

        await server.Server.StopAsync();

        Assert.Equal(MqttClientDisconnectReason.ServerShuttingDown, (await Support.InTime(ended.Task, "the client hears of it")).Reason);
        Assert.False(server.Server.IsStarted);
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync("127.0.0.1", server.Port));
        }

        await server.Server.StartAsync();
        await server.AssertWorksAsync(await server.ConnectAsync("again"));
    }

    [Fact]
    public async Task A_port_that_is_taken_fails_the_start_and_leaves_the_server_stopped()
    {
        await using var server = await TestServer.StartAsync();
        using var second = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointPort(server.Port).WithDefaultEndpointBoundIPAddress(System.Net.IPAddress.Loopback).Build());

        await Assert.ThrowsAsync<SocketException>(second.StartAsync);

        Assert.False(second.IsStarted);
    }

    [Fact]
    public async Task A_refused_connect_is_a_result_and_raises_the_disconnected_event()
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.ValidatingConnectionAsync += args =>
        {
            args.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
            args.ReasonString = "no such tap";
            return Task.CompletedTask;
        });
        var client = server.NewClient();
        var ended = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += args =>
        {
            ended.TrySetResult(args);
            return Task.CompletedTask;
        };

        var result = await client.ConnectAsync(server.ClientOptions("c").WithCredentials("1", "wrong").Build());

        Assert.Equal((MqttClientConnectResultCode.BadUserNameOrPassword, "no such tap"), (result.ResultCode, result.ReasonString));
        Assert.False(client.IsConnected);
        var args = await Support.InTime(ended.Task, "the event comes");
        Assert.Equal((false, result), (args.ClientWasConnected, args.ConnectResult));
    }

    [Fact]
    public async Task A_client_without_identifier_and_without_an_assigned_one_is_refused()
    {
        await using var server = await TestServer.StartAsync();

        foreach (var version in new[] { MqttProtocolVersion.V311, MqttProtocolVersion.V500 })
        {
            var result = await server.NewClient().ConnectAsync(server.ClientOptions("", version).Build());
            Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, result.ResultCode);
        }
    }

    [Fact]
    public async Task The_host_disconnects_a_client_with_a_reason()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.NewClient();
        var ended = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += args =>
        {
            ended.TrySetResult(args);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(server.ClientOptions("c").Build());

        await server.Server.DisconnectClientAsync("c", new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.NotAuthorized, ReasonString = "token revoked" });

        var args = await Support.InTime(ended.Task, "the client hears of it");
        Assert.Equal((MqttClientDisconnectReason.NotAuthorized, "token revoked"), (args.Reason, args.ReasonString));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Server.DisconnectClientAsync("nobody"));
    }

    [Fact]
    public async Task The_client_trusts_the_roots_it_is_given_and_no_other()
    {
        using var certificate = Support.LocalhostCertificate();
        using var root = X509CertificateLoader.LoadCertificate(certificate.RawData);
        var port = Support.FreePort();
        var secure = false;
        await using var server = await TestServer.StartAsync(
            options =>
            {
                options.TlsEndpointOptions.IsEnabled = true;
                options.TlsEndpointOptions.Port = port;
                options.TlsEndpointOptions.BoundInterNetworkAddress = System.Net.IPAddress.Loopback;
                options.TlsEndpointOptions.BoundInterNetworkV6Address = System.Net.IPAddress.None;
                options.TlsEndpointOptions.CertificateProvider = new Certificates.X509CertificateProvider(certificate);
            },
            s => s.ValidatingConnectionAsync += args =>
            {
                secure = args.IsSecureConnection;
                return Task.CompletedTask;
            });
        MqttClientOptionsBuilder Options() => new MqttClientOptionsBuilder().WithTcpServer("localhost", port, AddressFamily.InterNetwork).WithClientId("tls");

        var client = server.NewClient();
        await Assert.ThrowsAsync<MqttCommunicationException>(() => client.ConnectAsync(Options().WithTlsOptions(o => o.UseTls()).Build()));
        await client.ConnectAsync(Options().WithTlsOptions(o => o.WithTrustChain([root]).WithRevocationMode(X509RevocationMode.NoCheck)).Build());

        Assert.True(secure);
        await server.AssertWorksAsync(client);
        await client.DisconnectAsync();
        await client.ConnectAsync(Options().WithTlsOptions(o => o.WithCertificateValidationHandler(args => args.Certificate.GetCertHashString() == root.GetCertHashString())).Build());
        await server.AssertWorksAsync(client);
    }

    [Fact]
    public async Task The_client_gives_up_on_a_server_that_does_not_answer()
    {
        using var mute = new TcpListener(System.Net.IPAddress.Loopback, 0);
        mute.Start();
        using var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", ((System.Net.IPEndPoint)mute.LocalEndpoint).Port).WithTimeout(TimeSpan.FromMilliseconds(300)).Build();

        await Assert.ThrowsAsync<Adapter.MqttConnectingFailedException>(() => client.ConnectAsync(options).WaitAsync(Support.Patience));

        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task A_token_ends_the_wait_for_an_acknowledgement_and_the_connection_stays()
    {
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += args => args.ApplicationMessage.Topic == "slow" ? gate.Task : Task.CompletedTask);
        var client = await server.ConnectAsync("c");
        using var impatience = new CancellationTokenSource(100);

        await Assert.ThrowsAsync<MqttCommunicationTimedOutException>(() => client.PublishStringAsync("slow", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: impatience.Token));

        gate.SetResult();
        await server.AssertWorksAsync(client);
    }

    [Fact]
    public async Task A_handler_of_the_client_may_publish_and_disconnect()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.NewClient();
        var done = new TaskCompletionSource();
        client.ApplicationMessageReceivedAsync += async args =>
        {
            await client.PublishStringAsync("answer", args.ApplicationMessage.ConvertPayloadToString(), MqttQualityOfServiceLevel.ExactlyOnce);
            await client.DisconnectAsync();
            done.SetResult();
        };
        await client.ConnectAsync(server.ClientOptions("c").Build());
        await client.SubscribeAsync("question");

        await server.Server.InjectApplicationMessage("question", "42");

        await done.Task.WaitAsync(Support.Patience);
        Assert.Contains(server.Published, m => m.Topic == "answer" && m.ConvertPayloadToString() == "42");
        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task Hundreds_of_clients_come_and_go()
    {
        await using var server = await TestServer.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
        {
            var client = await server.ConnectAsync($"many{i}");
            await client.PublishStringAsync("t", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce);
            await client.DisconnectAsync();
        })).WaitAsync(Support.Patience);

        await Support.Eventually(() => server.Disconnected.Count == 300, "all are gone");
        Assert.Empty(await server.Server.GetClientsAsync());
        Assert.Empty(await server.Server.GetSessionsAsync());
        Assert.Equal(300, server.Published.Count);
    }
}

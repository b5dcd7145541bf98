using System.Buffers;
using System.Text;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>The server with the clients of another implementation.</summary>
public sealed class MosquittoClientTests
{
    public static TheoryData<string, int> VersionsAndQos => new()
    {
        { "311", 0 }, { "311", 1 }, { "311", 2 }, { "5", 0 }, { "5", 1 }, { "5", 2 },
    };

    public static TheoryData<string> Versions => ["311", "5"];

    [Theory]
    [MemberData(nameof(VersionsAndQos))]
    public async Task Mosquitto_pub_publishes(string version, int qos)
    {
        await using var server = await TestServer.StartAsync();

        var (exitCode, output) = await Mosquitto.PublishAsync(server.Port, version, "-i", "pub", "-q", $"{qos}", "-t", "taps/1/pours", "-m", "{\"volume\":473}");

        Assert.True(exitCode == 0, output);
        await Support.Eventually(() => !server.Published.IsEmpty, "the message comes in");
        var message = Assert.Single(server.Published);
        Assert.Equal(("taps/1/pours", "{\"volume\":473}", qos), (message.Topic, message.ConvertPayloadToString(), (int)message.QualityOfServiceLevel));
    }

    [Theory]
    [MemberData(nameof(VersionsAndQos))]
    public async Task Mosquitto_sub_receives_in_order(string version, int qos)
    {
        await using var server = await TestServer.StartAsync();
        await using var subscriber = Mosquitto.Subscribe(server.Port, version, "-i", "sub", "-q", $"{qos}", "-t", "a/+/c", "-C", "20", "-F", "%t %q %p");
        await Support.Eventually(() => !server.Subscribed.IsEmpty, "mosquitto_sub subscribes");

        for (var i = 0; i < 20; i++)
        {
            await server.Server.InjectApplicationMessage("a/b/c", $"{i}", MqttQualityOfServiceLevel.ExactlyOnce);
        }

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"a/b/c {qos} {i}"), subscriber.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_retained_message_reaches_a_later_subscriber(string version)
    {
        await using var server = await TestServer.StartAsync();
        await Mosquitto.PublishAsync(server.Port, version, "-i", "pub", "-q", "1", "-r", "-t", "taps/1/status", "-m", "online");

        await using var subscriber = Mosquitto.Subscribe(server.Port, version, "-i", "sub", "-t", "taps/#", "-C", "1", "-F", "%t %p retained=%r");

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.Equal("taps/1/status online retained=1", subscriber.Output.Trim());
        Assert.Equal("online", (await server.Server.GetRetainedMessageAsync("taps/1/status"))!.ConvertPayloadToString());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_will_of_a_killed_client_is_published(string version)
    {
        await using var server = await TestServer.StartAsync();
        await using var watcher = Mosquitto.Subscribe(server.Port, version, "-i", "watcher", "-q", "1", "-t", "taps/+/status", "-C", "1", "-F", "%t %p");
        await Support.Eventually(() => server.Subscribed.Any(s => s.ClientId == "watcher"), "the watcher subscribes");
        await using var tap = Mosquitto.Subscribe(
            server.Port, version, "-i", "tap", "-t", "x", "--will-topic", "taps/1/status", "--will-payload", "offline", "--will-qos", "1", "--will-retain");
        await Support.Eventually(() => server.Subscribed.Any(s => s.ClientId == "tap"), "the tap subscribes");

        tap.Kill();

        Assert.Equal(0, await watcher.ExitAsync());
        Assert.Equal("taps/1/status offline", watcher.Output.Trim());
        Assert.NotNull(await server.Server.GetRetainedMessageAsync("taps/1/status"));
        await Support.Eventually(() => server.Disconnected.Any(d => d is { ClientId: "tap", DisconnectType: MqttClientDisconnectType.NotClean }), "the host hears of it");
    }

    [Fact]
    public async Task Properties_of_version_5_pass_in_both_directions()
    {
        await using var server = await TestServer.StartAsync();
        await using var subscriber = Mosquitto.Subscribe(
            server.Port, "5", "-i", "sub", "-q", "1", "-t", "props", "-C", "1", "-F", "%p|%P|%C|%R|%D|%F|%S", "-D", "subscribe", "subscription-identifier", "77");
        await Support.Eventually(() => !server.Subscribed.IsEmpty, "mosquitto_sub subscribes");

        await Mosquitto.PublishAsync(
            server.Port, "5", "-i", "pub", "-q", "1", "-t", "props", "-m", "hi", "-D", "publish", "user-property", "traceparent", "00-abc-def-01", "-D", "publish", "user-property", "tracestate", "",
            "-D", "publish", "content-type", "text/plain", "-D", "publish", "response-topic", "answers", "-D", "publish", "correlation-data", "42", "-D", "publish", "payload-format-indicator", "1");

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.Equal("hi|traceparent:00-abc-def-01 tracestate:|text/plain|answers|42|1|77", subscriber.Output.Trim());
        var message = Assert.Single(server.Published);
        Assert.Equal(["traceparent = 00-abc-def-01", "tracestate = "], message.UserProperties!.Select(p => p.ToString()));
        Assert.Equal(
            ("text/plain", "answers", "42", MqttPayloadFormatIndicator.CharacterData),
            (message.ContentType, message.ResponseTopic, Encoding.UTF8.GetString(message.CorrelationData!), message.PayloadFormatIndicator));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Mosquitto_pub_publishes_over_tls(string version)
    {
        using var certificate = Support.LocalhostCertificate();
        var port = Support.FreePort();
        await using var server = await TestServer.StartAsync(options =>
        {
            options.TlsEndpointOptions.IsEnabled = true;
            options.TlsEndpointOptions.Port = port;
            options.TlsEndpointOptions.BoundInterNetworkAddress = System.Net.IPAddress.Loopback;
            options.TlsEndpointOptions.BoundInterNetworkV6Address = System.Net.IPAddress.None;
            options.TlsEndpointOptions.CertificateProvider = new Certificates.X509CertificateProvider(certificate);
        });
        var folder = Directory.CreateTempSubdirectory("mqtt-tls-");
        try
        {
            var file = Path.Combine(folder.FullName, "ca.pem");
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            var (exitCode, output) = await Mosquitto.RunAsync("mosquitto_pub", ["-h", "localhost", "-p", $"{port}", "-V", version, "--cafile", file, "-i", "tls", "-q", "1", "-t", "secure", "-m", "hi"]);

            Assert.True(exitCode == 0, output);
            Assert.Equal("secure", Assert.Single(server.Published).Topic);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("311", 5)]
    [InlineData("5", 135)]
    public async Task A_wrong_password_is_refused_and_a_right_one_is_not(string version, int exitCodeWhenRefused)
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.ValidatingConnectionAsync += args =>
        {
            args.ReasonCode = args is { UserName: "1", Password: "right" } ? MqttConnectReasonCode.Success : MqttConnectReasonCode.NotAuthorized;
            return Task.CompletedTask;
        });

        var refused = await Mosquitto.PublishAsync(server.Port, version, "-i", "a", "-u", "1", "-P", "wrong", "-q", "1", "-t", "t", "-m", "no");
        var accepted = await Mosquitto.PublishAsync(server.Port, version, "-i", "a", "-u", "1", "-P", "right", "-q", "1", "-t", "t", "-m", "yes");

        Assert.True(refused.ExitCode == exitCodeWhenRefused, $"{refused.ExitCode} {refused.Output}");
        Assert.True(accepted.ExitCode == 0, accepted.Output);
        Assert.Equal("yes", Assert.Single(server.Published).ConvertPayloadToString());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_persistent_session_keeps_messages_for_a_client_that_is_away(string version)
    {
        await using var server = await TestServer.StartAsync();
        string[] session = version == "5" ? ["-c", "-x", "300"] : ["-c"];
        await using (var first = Mosquitto.Subscribe(server.Port, version, ["-i", "sub", "-q", "1", "-t", "kept", "-E", .. session]))
        {
            Assert.Equal(0, await first.ExitAsync());
        }

        await Support.Eventually(() => server.Disconnected.Any(d => d.ClientId == "sub"), "the subscriber is away");
        for (var i = 0; i < 3; i++)
        {
            await server.Server.InjectApplicationMessage("kept", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce);
        }

        await using var second = Mosquitto.Subscribe(server.Port, version, ["-i", "sub", "-q", "1", "-t", "kept", "-C", "3", .. session]);

        Assert.Equal(0, await second.ExitAsync());
        Assert.Equal(["0", "1", "2"], second.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_client_without_identifier_gets_the_one_the_host_assigns()
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.ValidatingConnectionAsync += args =>
        {
            args.AssignedClientIdentifier = args.ClientId.Length == 0 ? "assigned" : null;
            return Task.CompletedTask;
        });
        using var client = await RawClient.OpenAsync(server.Port);

        await client.SendAsync(RawClient.ConnectPacket(5, ""));

        var answer = await client.ReadPacketAsync();
        Assert.Equal(0, answer![3]);
        Assert.Contains("assigned", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
        Assert.Equal("assigned", Assert.Single(await server.Server.GetClientsAsync()).Id);
    }

    [Fact]
    public async Task A_refused_publish_is_told_to_a_client_of_version_5()
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += args =>
        {
            args.Response.ReasonCode = MqttPubAckReasonCode.PayloadFormatInvalid;
            args.Response.ReasonString = "There is no glass type for the specified volume";
            args.Response.UserProperties = [new MqttUserProperty("field", Encoding.UTF8.GetBytes("volume").AsMemory())];
            args.ProcessPublish = false;
            return Task.CompletedTask;
        });

        var (_, output) = await Mosquitto.PublishAsync(server.Port, "5", "-i", "pub", "-q", "1", "-t", "t", "-m", "x");
        var client = await server.ConnectAsync("client");
        var result = await client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.Contains("Payload format", output, StringComparison.Ordinal);
        Assert.Equal((MqttClientPublishReasonCode.PayloadFormatInvalid, false, "There is no glass type for the specified volume"), (result.ReasonCode, result.IsSuccess, result.ReasonString));
        Assert.Equal("field = volume", Assert.Single(result.UserProperties).ToString());
    }
}

using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class TlsTests(RedisServer redis) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");

    [Fact]
    public async Task A_tap_pours_over_TLS()
    {
        var (certificate, key) = TestCertificate.Write(_folder);
        var port = LocalServer.FreePort();
        await using var bridge = await TestBridge.StartAsync(
            redis, ("Mqtt:TlsPort", port.ToString()), ("Mqtt:TlsCertificate", certificate), ("Mqtt:TlsKey", key));

        var (exitCode, output) = await Mosquitto.PublishAsync(
            port, "taps/7/pours", """{"volume":473}""", "-V", "5", "-q", "1", "-u", "7", "-i", "tap-7", "--cafile", certificate);

        Assert.True(exitCode == 0, output);
        Assert.Single(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_stops_the_start_with_a_sentence_that_names_it()
    {
        var missing = Path.Combine(_folder.FullName, "none.pem");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestBridge.StartAsync(redis, ("Mqtt:TlsCertificate", missing)));

        Assert.StartsWith($"The TLS certificate '{missing}' cannot be used: ", error.Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

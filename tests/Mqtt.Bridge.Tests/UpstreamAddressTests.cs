using Mqtt.Bridge.Upstream;

namespace Mqtt.Bridge.Tests;

public sealed class UpstreamAddressTests
{
    [Theory]
    [InlineData("mqtt://broker", "broker", 1883, false, null, null)]
    [InlineData("mqtts://broker", "broker", 8883, true, null, null)]
    [InlineData("mqtt://taproom:p%40ss%3Aword@10.0.0.1:1884", "10.0.0.1", 1884, false, "taproom", "p@ss:word")]
    [InlineData("mqtt://[::1]:1884/", "::1", 1884, false, null, null)]
    public void An_address_is_taken_apart(string text, string host, int port, bool tls, string? user, string? password) =>
        Assert.Equal(new UpstreamAddress(host, port, tls, user, password), UpstreamAddress.Of(text));

    [Theory]
    [InlineData("http://user:secret@broker")]
    [InlineData("broker")]
    [InlineData("mqtt://user:secret@broker:99999")]
    [InlineData("mqtt://user:secret/word@broker")]
    [InlineData("mqtt://user:secret#word@broker")]
    [InlineData("mqtt://user:12/secret@broker")]
    [InlineData("mqtt://user:12?secret@broker")]
    public void An_address_of_another_kind_is_refused_without_repeating_it(string text)
    {
        var error = Assert.Throws<InvalidOperationException>(() => UpstreamAddress.Of(text));
        Assert.DoesNotContain("secret", error.Message);
    }
}

namespace Taproom.Tests;

public sealed class MqttAddressTests
{
    [Theory]
    [InlineData("mqtt://broker", "broker", 1883, false, null, null)]
    [InlineData("mqtts://broker", "broker", 8883, true, null, null)]
    [InlineData("tcp://bridge:41883", "bridge", 41883, false, null, null)]
    [InlineData("mqtt://taproom:p%40ss%3Aword@10.0.0.1:1884", "10.0.0.1", 1884, false, "taproom", "p@ss:word")]
    [InlineData("mqtt://[::1]:1884/", "::1", 1884, false, null, null)]
    public void An_address_is_taken_apart(string text, string host, int port, bool tls, string? user, string? password)
    {
        var address = MqttAddress.Parse(text);

        Assert.Equal(new MqttAddress(host, port, tls, user, password), address);
        Assert.Equal($"{host}:{port}", $"{address}");
    }

    [Theory]
    [InlineData("http://user:secret@broker")]
    [InlineData("broker")]
    [InlineData("mqtt://user:secret@broker:99999")]
    [InlineData("mqtt://user:secret/word@broker")]
    [InlineData("mqtt://user:secret#word@broker")]
    [InlineData("mqtt://user:12/secret@broker")]
    [InlineData("mqtt://user:12?secret@broker")]
    public void An_address_of_another_kind_is_none(string text) => Assert.Null(MqttAddress.Parse(text));
}

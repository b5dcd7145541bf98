using Mqtt.Bridge.Intake;

namespace Mqtt.Bridge.Tests;

public sealed class TapTopicTests
{
    [Theory]
    [InlineData("taps/1/pours", 1, "pours")]
    [InlineData("taps/2147483647/pours", int.MaxValue, "pours")]
    [InlineData("taps/12/a/b", 12, "a/b")]
    public void A_topic_of_a_tap_is_taken_apart(string topic, int tapId, string channel)
    {
        Assert.True(TapTopic.TryParse(topic, out var parsed));
        Assert.Equal(new TapTopic(tapId, channel), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("taps")]
    [InlineData("taps/")]
    [InlineData("taps/1")]
    [InlineData("taps//pours")]
    [InlineData("taps/0/pours")]
    [InlineData("taps/01/pours")]
    [InlineData("taps/-1/pours")]
    [InlineData("taps/+1/pours")]
    [InlineData("taps/ 1/pours")]
    [InlineData("taps/2147483648/pours")]
    [InlineData("taps/one/pours")]
    [InlineData("/taps/1/pours")]
    [InlineData("Taps/1/pours")]
    [InlineData("notices/pours")]
    public void Any_other_topic_is_none(string topic) => Assert.False(TapTopic.TryParse(topic, out _));
}

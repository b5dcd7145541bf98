namespace MQTTnet;

internal static class StandIn
{
    public static NotSupportedException Lacks(string member) =>
        new($"The stand-in package for MQTTnet has no {member}; the real package has.");
}

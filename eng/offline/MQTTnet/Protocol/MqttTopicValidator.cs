using MQTTnet.Exceptions;

namespace MQTTnet.Protocol;

/// <summary>Checks topic names and topic filters (section 4.7 of both specifications).</summary>
public static class MqttTopicValidator
{
    /// <summary>Throws <see cref="MqttProtocolViolationException"/> when the message has neither a valid topic nor an alias.</summary>
    public static void ThrowIfInvalid(MqttApplicationMessage applicationMessage)
    {
        ArgumentNullException.ThrowIfNull(applicationMessage);
        if (applicationMessage.TopicAlias == 0)
        {
            ThrowIfInvalid(applicationMessage.Topic);
        }
    }

    /// <summary>Throws <see cref="MqttProtocolViolationException"/> when the topic is empty or holds a wildcard.</summary>
    public static void ThrowIfInvalid(string topic)
    {
        if (string.IsNullOrEmpty(topic))
        {
            throw new MqttProtocolViolationException("A topic must not be empty.");
        }

        if (topic.AsSpan().IndexOfAny('+', '#') >= 0)
        {
            throw new MqttProtocolViolationException("A topic to publish to must not hold the wildcards '+' and '#'.");
        }
    }

    /// <summary>Throws <see cref="MqttProtocolViolationException"/> when the topic filter is empty or '#' is not its last character.</summary>
    public static void ThrowIfInvalidSubscribe(string topic)
    {
        if (string.IsNullOrEmpty(topic))
        {
            throw new MqttProtocolViolationException("A topic filter must not be empty.");
        }

        var hash = topic.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0 && hash != topic.Length - 1)
        {
            throw new MqttProtocolViolationException("The wildcard '#' must be the last character of a topic filter.");
        }
    }

    internal static bool IsValidFilter(string filter)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return false;
        }

        for (var i = 0; i < filter.Length; i++)
        {
            var atLevelStart = i == 0 || filter[i - 1] == '/';
            var atLevelEnd = i == filter.Length - 1 || filter[i + 1] == '/';
            if (filter[i] == '#' && (!atLevelStart || i != filter.Length - 1))
            {
                return false;
            }

            if (filter[i] == '+' && !(atLevelStart && atLevelEnd))
            {
                return false;
            }
        }

        return true;
    }
}

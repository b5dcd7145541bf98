using System.Collections;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server;

/// <summary>What a subscriber is answered for one topic filter.</summary>
public sealed class SubscribeResponse
{
    public MqttSubscribeReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty> UserProperties { get; } = [];
}

/// <summary>What a client is answered for one unsubscribed topic filter.</summary>
public sealed class UnsubscribeResponse
{
    public MqttUnsubscribeReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty> UserProperties { get; } = [];
}

/// <summary>A client subscribes to one topic filter. A reason code from 0x80 on refuses it.</summary>
public sealed class InterceptingSubscriptionEventArgs : EventArgs
{
    internal InterceptingSubscriptionEventArgs(
        string clientId, string? userName, MqttSessionStatus session, MqttTopicFilter topicFilter, List<MqttUserProperty>? userProperties, CancellationToken cancellationToken)
    {
        ClientId = clientId;
        UserName = userName;
        Session = session;
        TopicFilter = topicFilter;
        UserProperties = userProperties;
        CancellationToken = cancellationToken;
    }

    public CancellationToken CancellationToken { get; }

    public string ClientId { get; }

    public bool CloseConnection { get; set; }

    /// <summary>False answers without subscribing.</summary>
    public bool ProcessSubscription { get; set; } = true;

    public string? ReasonString { get; set; }

    public SubscribeResponse Response { get; } = new();

    public MqttSessionStatus Session { get; }

    public IDictionary SessionItems => Session.Items;

    public MqttTopicFilter TopicFilter { get; set; }

    public string? UserName { get; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>A client unsubscribes from one topic filter.</summary>
public sealed class InterceptingUnsubscriptionEventArgs : EventArgs
{
    internal InterceptingUnsubscriptionEventArgs(
        string clientId, string? userName, IDictionary sessionItems, string topic, List<MqttUserProperty>? userProperties, CancellationToken cancellationToken)
    {
        ClientId = clientId;
        UserName = userName;
        SessionItems = sessionItems;
        Topic = topic;
        UserProperties = userProperties;
        CancellationToken = cancellationToken;
    }

    public CancellationToken CancellationToken { get; }

    public string ClientId { get; }

    public bool CloseConnection { get; set; }

    /// <summary>False answers without unsubscribing.</summary>
    public bool ProcessUnsubscription { get; set; } = true;

    public UnsubscribeResponse Response { get; } = new();

    public IDictionary SessionItems { get; }

    public string Topic { get; }

    public string? UserName { get; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>A client has subscribed.</summary>
public sealed class ClientSubscribedTopicEventArgs : EventArgs
{
    internal ClientSubscribedTopicEventArgs(string clientId, string? userName, MqttTopicFilter topicFilter, IDictionary sessionItems)
    {
        ClientId = clientId;
        UserName = userName;
        TopicFilter = topicFilter;
        SessionItems = sessionItems;
    }

    public string ClientId { get; }

    public IDictionary SessionItems { get; }

    public MqttTopicFilter TopicFilter { get; }

    public string? UserName { get; }
}

/// <summary>A client has unsubscribed.</summary>
public sealed class ClientUnsubscribedTopicEventArgs : EventArgs
{
    internal ClientUnsubscribedTopicEventArgs(string clientId, string? userName, string topicFilter, IDictionary sessionItems)
    {
        ClientId = clientId;
        UserName = userName;
        TopicFilter = topicFilter;
        SessionItems = sessionItems;
    }

    public string ClientId { get; }

    public IDictionary SessionItems { get; }

    public string TopicFilter { get; }

    public string? UserName { get; }
}

using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <summary>One subscription of a session.</summary>
internal sealed record Subscription(string Filter, MqttQualityOfServiceLevel GrantedQos, bool NoLocal, bool RetainAsPublished, uint Identifier);

/// <summary>What the subscriptions of one session, taken together, say about a message.</summary>
internal sealed class SubscriptionMatch(Session session)
{
    public Session Session { get; } = session;

    public MqttQualityOfServiceLevel GrantedQos { get; private set; }

    public bool RetainAsPublished { get; private set; }

    public List<uint>? Identifiers { get; private set; }

    public void Add(Subscription subscription)
    {
        GrantedQos = (MqttQualityOfServiceLevel)Math.Max((int)GrantedQos, (int)subscription.GrantedQos);
        RetainAsPublished |= subscription.RetainAsPublished;
        if (subscription.Identifier != 0 && Identifiers?.Contains(subscription.Identifier) != true)
        {
            (Identifiers ??= []).Add(subscription.Identifier);
        }
    }
}

/// <summary>All subscriptions by the levels of their topic filters (section 4.7), so that a message finds its own without looking at all.</summary>
internal sealed class SubscriptionTree
{
    /// <summary>Deepest filter; bounds the recursion.</summary>
    public const int MaximumLevels = 128;

    private readonly Lock _gate = new();
    private readonly Node _root = new();
    private int _count;

    public static bool IsTooDeep(string filter) => filter.AsSpan().Count('/') >= MaximumLevels;

    public void Set(Session session, Subscription subscription)
    {
        lock (_gate)
        {
            var node = _root;
            foreach (var range in subscription.Filter.AsSpan().Split('/'))
            {
                node = node.GetOrAdd(subscription.Filter.AsSpan(range));
            }

            node.Subscriptions ??= [];
            _count += node.Subscriptions.ContainsKey(session) ? 0 : 1;
            node.Subscriptions[session] = subscription;
        }
    }

    public void Remove(Session session, string filter)
    {
        lock (_gate)
        {
            Remove(_root, filter, session);
        }
    }

    /// <summary>Finds who gets a message on <paramref name="topic"/>; null when nobody does.</summary>
    public List<SubscriptionMatch>? Match(string topic, string senderId)
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return null;
        }

        var matches = new Dictionary<Session, SubscriptionMatch>();
        lock (_gate)
        {
            Walk(_root, topic, topic.StartsWith('$'), senderId, matches);
        }

        return matches.Count == 0 ? null : [.. matches.Values];
    }

    /// <summary>Whether one topic filter covers one topic.</summary>
    public static bool Covers(string filter, string topic)
    {
        ReadOnlySpan<char> f = filter;
        ReadOnlySpan<char> t = topic;
        if (t.StartsWith("$") && (f.StartsWith("+") || f.StartsWith("#")))
        {
            return false;
        }

        while (true)
        {
            var level = TakeLevel(ref f, out var lastOfFilter);
            if (level is "#")
            {
                return true;
            }

            var name = TakeLevel(ref t, out var lastOfTopic);
            if (level is not "+" && !level.SequenceEqual(name))
            {
                return false;
            }

            if (lastOfFilter || lastOfTopic)
            {
                // "a/#" covers "a" itself, too.
                return lastOfFilter == lastOfTopic || (lastOfTopic && f is "#");
            }
        }
    }

    private static ReadOnlySpan<char> TakeLevel(ref ReadOnlySpan<char> rest, out bool last)
    {
        var slash = rest.IndexOf('/');
        last = slash < 0;
        var level = last ? rest : rest[..slash];
        rest = last ? default : rest[(slash + 1)..];
        return level;
    }

    private static void Walk(Node node, ReadOnlySpan<char> rest, bool hidden, string senderId, Dictionary<Session, SubscriptionMatch> matches)
    {
        var level = TakeLevel(ref rest, out var last);

        // MQTT-4.7.2-1: a wildcard at the front does not see topics that begin with '$'.
        if (!hidden && node.Children is not null)
        {
            if (node.Children.TryGetValue("#", out var all))
            {
                Collect(all, senderId, matches);
            }

            if (node.Children.TryGetValue("+", out var any))
            {
                Descend(any, rest, last, senderId, matches);
            }
        }

        if (node.Find(level) is { } exact)
        {
            Descend(exact, rest, last, senderId, matches);
        }
    }

    private static void Descend(Node node, ReadOnlySpan<char> rest, bool last, string senderId, Dictionary<Session, SubscriptionMatch> matches)
    {
        if (!last)
        {
            Walk(node, rest, hidden: false, senderId, matches);
            return;
        }

        Collect(node, senderId, matches);
        if (node.Children is not null && node.Children.TryGetValue("#", out var all))
        {
            Collect(all, senderId, matches);
        }
    }

    private static void Collect(Node node, string senderId, Dictionary<Session, SubscriptionMatch> matches)
    {
        foreach (var (session, subscription) in node.Subscriptions ?? [])
        {
            if (subscription.NoLocal && session.Id == senderId)
            {
                continue;
            }

            if (!matches.TryGetValue(session, out var match))
            {
                matches.Add(session, match = new SubscriptionMatch(session));
            }

            match.Add(subscription);
        }
    }

    private bool Remove(Node node, ReadOnlySpan<char> rest, Session session)
    {
        var level = TakeLevel(ref rest, out var last);
        if (node.Find(level) is not { } child)
        {
            return false;
        }

        var removed = last ? child.Subscriptions?.Remove(session) == true : Remove(child, rest, session);
        if (last && removed)
        {
            _count--;
        }

        if (child.IsEmpty)
        {
            node.Children!.Remove(level.ToString());
        }

        return removed;
    }

    private sealed class Node
    {
        public Dictionary<string, Node>? Children { get; private set; }

        public Dictionary<Session, Subscription>? Subscriptions { get; set; }

        public bool IsEmpty => Children is not { Count: > 0 } && Subscriptions is not { Count: > 0 };

        public Node? Find(ReadOnlySpan<char> level) =>
            Children is not null && Children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out var child) ? child : null;

        public Node GetOrAdd(ReadOnlySpan<char> level)
        {
            if (Find(level) is { } existing)
            {
                return existing;
            }

            var child = new Node();
            (Children ??= new Dictionary<string, Node>(StringComparer.Ordinal)).Add(level.ToString(), child);
            return child;
        }
    }
}

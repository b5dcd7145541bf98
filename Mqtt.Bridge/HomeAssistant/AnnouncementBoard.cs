namespace Mqtt.Bridge.HomeAssistant;

/// <summary>What one publisher should have retained, and what it has.</summary>
internal sealed class AnnouncementBoard(IRetainedPublisher publisher)
{
    // By topic; an empty payload where something may be retained that is not known.
    private readonly Dictionary<string, byte[]> _retained = new(StringComparer.Ordinal);
    private volatile bool _isUnknown = true;

    /// <summary>All has to be published again.</summary>
    public void Forget() => _isUnknown = true;

    /// <summary>Publishes what is new, and removes what should not be there.</summary>
    /// <param name="wanted">What should be retained, by topic.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it published anything.</returns>
    public async Task<bool> PublishAsync(IReadOnlyDictionary<string, byte[]> wanted, CancellationToken cancellationToken)
    {
        if (!publisher.IsReady)
        {
            return false;
        }

        if (_isUnknown)
        {
            _isUnknown = false;
            _retained.Clear();
            foreach (var topic in await KnownAsync())
            {
                _retained[topic] = [];
            }
        }

        var published = false;
        foreach (var (topic, payload) in Differences(wanted))
        {
            if (!await publisher.RetainAsync(topic, payload, cancellationToken))
            {
                return published;
            }

            published = true;
            if (payload.Length > 0)
            {
                _retained[topic] = payload;
            }
            else
            {
                _retained.Remove(topic);
            }
        }

        return published;
    }

    private async Task<IReadOnlyCollection<string>> KnownAsync()
    {
        try
        {
            return await publisher.RetainedAsync();
        }
        catch
        {
            _isUnknown = true;
            throw;
        }
    }

    private List<KeyValuePair<string, byte[]>> Differences(IReadOnlyDictionary<string, byte[]> wanted) =>
        [
            .. _retained.Keys.Where(topic => !wanted.ContainsKey(topic)).Select(topic => KeyValuePair.Create(topic, Array.Empty<byte>())),
            .. wanted.Where(message => !_retained.TryGetValue(message.Key, out var payload) || !payload.AsSpan().SequenceEqual(message.Value)),
        ];
}

using System.Collections;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <summary>All sessions and connections by client identifier. What happens to one client happens in order.</summary>
internal sealed partial class Sessions(ServerCore core)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClientConnection> _connections = new(StringComparer.Ordinal);

    // Attaching waits for the goodbye to the old connection; other clients do not wait with it.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    public List<ClientConnection> Connections()
    {
        lock (_gate)
        {
            return [.. _connections.Values];
        }
    }

    public List<Session> All()
    {
        lock (_gate)
        {
            return [.. _sessions.Values];
        }
    }

    public ClientConnection? FindConnection(string clientId)
    {
        lock (_gate)
        {
            return _connections.GetValueOrDefault(clientId);
        }
    }

    public Session? Find(string clientId)
    {
        lock (_gate)
        {
            return _sessions.GetValueOrDefault(clientId);
        }
    }

    /// <summary>Forgets what an earlier run left behind, unless sessions persist.</summary>
    public void Start()
    {
        if (core.Options.EnablePersistentSessions)
        {
            return;
        }

        foreach (var session in All())
        {
            Remove(session);
        }
    }

    /// <summary>Gives the connection its session, new or resumed, and ends an older connection of the same client.</summary>
    public async Task<(Session Session, bool IsPresent)> AttachAsync(ClientConnection connection, MqttConnectPacket connect, IDictionary items)
    {
        var turn = Turn(connect.ClientId);
        await turn.WaitAsync(connection.Closing).ConfigureAwait(false);
        try
        {
            ClientConnection? previous;
            Session session;
            Session? ended = null;
            var isPresent = false;
            lock (_gate)
            {
                previous = _connections.GetValueOrDefault(connect.ClientId);
                previous?.TakeOver();
                var existing = _sessions.GetValueOrDefault(connect.ClientId);
                if (existing is not null && !connect.CleanSession)
                {
                    session = existing;
                    isPresent = true;
                }
                else
                {
                    ended = existing;
                    session = new Session(connect.ClientId, connect.Username, items, core.Options);
                    _sessions[connect.ClientId] = session;
                }

                session.UserName = connect.Username;
                session.ExpiryInterval = ExpiryInterval(connect);
                session.DisconnectedAt = null;
                session.Connection = connection;
                _connections[connect.ClientId] = connection;
            }

            if (!isPresent)
            {
                await core.TryInvokeAsync(core.Events.PreparingSession, EventArgs.Empty).ConfigureAwait(false);
            }

            if (ended is not null)
            {
                Unsubscribe(ended);
            }

            if (previous is not null)
            {
                await previous.StopAsync(new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.SessionTakenOver }).ConfigureAwait(false);
                await core.TryInvokeAsync(core.Events.ClientDisconnected, previous.DisconnectedArgs(MqttClientDisconnectType.Takeover)).ConfigureAwait(false);
            }

            return (session, isPresent);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The connection is gone: sends the will, keeps or deletes the session, tells the host.</summary>
    public async Task DetachAsync(ClientConnection connection, Session session)
    {
        var turn = Turn(session.Id);
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (connection.IsTakenOver)
            {
                return;
            }

            var persists = core.Options.EnablePersistentSessions && session.ExpiryInterval > 0;
            HandleWill(connection, session);
            lock (_gate)
            {
                _connections.Remove(session.Id);
                session.Connection = null;
                session.DisconnectedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
            }

            if (!persists)
            {
                await DeleteCoreAsync(session).ConfigureAwait(false);
            }

            var type = connection.Disconnect is not null ? MqttClientDisconnectType.Clean : MqttClientDisconnectType.NotClean;
            await core.TryInvokeAsync(core.Events.ClientDisconnected, connection.DisconnectedArgs(type)).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Disconnects the client, if it is connected, and deletes its session.</summary>
    public async Task DeleteAsync(Session session)
    {
        if (session.Connection is { } connection)
        {
            session.ExpiryInterval = 0;
            await connection.StopAsync(new MqttServerClientDisconnectOptions()).ConfigureAwait(false);
            return;
        }

        var turn = Turn(session.Id);
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await DeleteCoreAsync(session).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private static uint ExpiryInterval(MqttConnectPacket connect)
    {
        if (connect.ProtocolVersion == MqttProtocolVersion.V500)
        {
            return connect.SessionExpiryInterval;
        }

        return connect.CleanSession ? 0 : Session.NeverExpires;
    }

    private SemaphoreSlim Turn(string clientId) => _turns[(uint)clientId.GetHashCode(StringComparison.Ordinal) % (uint)_turns.Length];

    private async Task DeleteCoreAsync(Session session)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_sessions.GetValueOrDefault(session.Id), session))
            {
                return;
            }

            _sessions.Remove(session.Id);
        }

        Unsubscribe(session);
        await core.TryInvokeAsync(core.Events.SessionDeleted, new SessionDeletedEventArgs(session.Id, session.UserName, session.Items)).ConfigureAwait(false);
    }

    private void Remove(Session session)
    {
        lock (_gate)
        {
            _sessions.Remove(session.Id);
        }

        Unsubscribe(session);
    }

    private void Unsubscribe(Session session)
    {
        foreach (var filter in session.Filters())
        {
            core.Subscriptions.Remove(session, filter);
        }
    }
}

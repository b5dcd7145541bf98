using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Mqtt.Bridge.Tests.Clients;

/// <summary>A script that lets a client library make connections: it takes a command a line, and prints answers and messages as lines.</summary>
internal sealed class ScriptDriver : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ConcurrentDictionary<int, ForeignConnection> _connections = new();
    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly Lock _gate = new();
    private int _last;

    public ScriptDriver(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        _process = ForeignPrograms.Start(start);
        _error = _process.StandardError.ReadToEndAsync();
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
    }

    /// <summary>Has a connection made.</summary>
    public ForeignConnection Run(ForeignCommand command)
    {
        var number = Interlocked.Increment(ref _last);
        var connection = new ForeignConnection(() => Write(number, null));
        _connections[number] = connection;
        Write(number, command);
        return connection;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private void Write(int number, ForeignCommand? command)
    {
        lock (_gate)
        {
            try
            {
                _process.StandardInput.WriteLine(JsonSerializer.Serialize(new { number, command }, Json));
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                _connections[number].Failed(Ended());
            }
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            foreach (var connection in _connections.Values)
            {
                connection.Failed(Ended());
            }

            return;
        }

        var said = JsonSerializer.Deserialize<Line>(line, Json)!;
        if (said.Code is { } code)
        {
            _connections[said.Number].Answered(code);
        }
        else
        {
            _connections[said.Number].Heard(new ForeignMessage(said.Topic!, said.Payload!, said.Retained));
        }
    }

    private string Ended() => $"The script ended: {_error.GetAwaiter().GetResult()}";

    private sealed record Line(int Number, int? Code, string? Topic, string? Payload, bool Retained);
}

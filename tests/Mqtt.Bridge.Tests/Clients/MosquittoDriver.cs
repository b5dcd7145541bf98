using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Mqtt.Bridge.Tests.Clients;

/// <summary>Carries commands out with <c>mosquitto_pub</c> and <c>mosquitto_sub</c>, each connection a process.</summary>
internal static partial class MosquittoDriver
{
    public static ForeignConnection Run(ForeignCommand command)
    {
        var process = ForeignPrograms.Start(new ProcessStartInfo("stdbuf", ["-oL", .. CommandLine(command)]));
        var connection = new ForeignConnection(process.Kill);
        var error = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, line) => Hear(connection, line.Data, error);
        process.BeginOutputReadLine();
        return connection;
    }

    private static IEnumerable<string> CommandLine(ForeignCommand command) =>
        [
            command.Payload is null ? "mosquitto_sub" : "mosquitto_pub",
            "-d",
            "-h",
            "127.0.0.1",
            "-p",
            $"{command.Port}",
            "-V",
            command.Version == 5 ? "5" : "311",
            "-i",
            command.ClientId,
            "-u",
            command.User,
            "-P",
            command.Password,
            "-t",
            command.Topic,
            "-q",
            $"{command.Qos}",
            .. command.Payload is null ? (string[])["-F", "> %r %t %p"] : ["-m", command.Payload],
            .. command.Retain ? (string[])["-r"] : [],
            .. command.Will is { } will ? (string[])["--will-topic", will, "--will-payload", "offline", "--will-qos", "1", "--will-retain"] : [],
        ];

    private static void Hear(ForeignConnection connection, string? line, Task<string> error)
    {
        if (line is null)
        {
            connection.Failed(error.GetAwaiter().GetResult());
        }
        else if (line.Split(' ', 4) is [">", var retained, var topic, var payload])
        {
            connection.Heard(new ForeignMessage(topic, payload, retained == "1"));
        }
        else if (Refusal().Match(line) is { Success: true } refusal)
        {
            connection.Answered(CodeOf(refusal));
        }
        else if (Acknowledgement().Match(line) is { Success: true } acknowledgement)
        {
            connection.Answered(CodeOf(acknowledgement) is >= 0x80 and var code ? code : 0);
        }
        else if (line.EndsWith("sending DISCONNECT", StringComparison.Ordinal))
        {
            // It has published with QoS 0, which nothing answers.
            connection.Answered(0);
        }
    }

    private static int CodeOf(Match match) => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"received CONNACK \(([1-9]\d*)\)")]
    private static partial Regex Refusal();

    [GeneratedRegex(@"(?:received PUB(?:ACK|COMP) \(Mid: \d+, RC:|^Subscribed \(mid: \d+\): )(\d+)")]
    private static partial Regex Acknowledgement();
}

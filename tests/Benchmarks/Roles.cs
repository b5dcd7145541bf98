using System.Text.Json;
using Benchmarks.Bare;
using Benchmarks.Load;

namespace Benchmarks;

/// <summary>What this program can be started as beside the bench itself; see <see cref="Child"/>.</summary>
internal static class Roles
{
    /// <summary>First argument of a process in a role; the role and its options follow.</summary>
    public const string Verb = "as";

    public const string BareMqtt = "bare-mqtt";
    public const string BareHttp = "bare-http";
    public const string BareWorker = "bare-worker";
    public const string MqttLoad = "mqtt-load";
    public const string PacedLoad = "paced-load";
    public const string HttpLoad = "http-load";
    public const string QuietTaps = "quiet-taps";

    /// <summary>Plays a role.</summary>
    public static async Task PlayAsync(string role, string options)
    {
        var playing = role switch
        {
            BareMqtt => BareMqttServer.RunAsync(Read<BareMqttOptions>(options)),
            BareHttp => BareHttpServer.RunAsync(Read<BareHttpOptions>(options)),
            BareWorker => Bare.BareWorker.RunAsync(Read<BareWorkerOptions>(options)),
            MqttLoad => Load.MqttLoad.RunAsync(Read<MqttLoadOptions>(options)),
            PacedLoad => Load.PacedLoad.RunAsync(Read<PacedLoadOptions>(options)),
            HttpLoad => Load.HttpLoad.RunAsync(Read<HttpLoadOptions>(options)),
            QuietTaps => Load.QuietTaps.RunAsync(Read<QuietTapsOptions>(options)),
            _ => throw new ArgumentException($"There is no role '{role}'.", nameof(role)),
        };
        await await Task.WhenAny(playing, Child.UnwantedAsync());
    }

    private static T Read<T>(string options) => JsonSerializer.Deserialize<T>(options)!;
}

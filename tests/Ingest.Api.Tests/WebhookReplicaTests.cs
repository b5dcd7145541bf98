using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Several replicas, one of which dies.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WebhookReplicaTests(Servers servers)
{
    private static readonly (string, string?) Private = ("Webhooks:AllowPrivateAddresses", "true");

    [Fact]
    public async Task A_replica_that_is_killed_while_it_sends_is_followed_by_another_which_sends_the_same_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var settings = await ApiSettingsAsync();
        await using var first = ServiceProcess.Start("Ingest.Api", With(settings, LocalServer.FreePort(), out var address));
        await using var api = await Api.StartAsync(
            servers,
            settings.Select(setting => (setting.Key, setting.Value)).Append(("Webhooks:Poll", "00:00:01"))
        );
        await ServiceProcess.HealthyAsync(address);
        var arrived = new TaskCompletionSource();
        receiver.Answer = async (_, n, context) =>
        {
            if (n == 3)
            {
                arrived.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            }

            return StatusCodes.Status200OK;
        };

        // The process alone knows of the hook, until the other looks.
        using var admin = new HttpClient { BaseAddress = new Uri(address), DefaultRequestHeaders = { Authorization = new("Bearer", Api.AdminKey) } };
        (
            await admin.PostAsJsonAsync(
                "/api/webhooks",
                new
                {
                    url = receiver.Address,
                    kinds = (string[])["pour.stored"],
                    secret = WebhookReceiver.Secret,
                }
            )
        ).EnsureSuccessStatusCode();
        // Killed before its time for an answer is over: so nothing else is waited for.
        var pouring = api.PourAllAsync(Enumerable.Range(0, 5).Select(n => (1, 200m + n)));
        await arrived.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await first.KillAsync();
        var ids = await pouring;
        await using var next = api.Sibling();

        await Eventually.TrueAsync(() => Task.FromResult(receiver.Distinct.Count == 5), "all are told", TimeSpan.FromSeconds(60));

        Assert.Equal(ids, receiver.Distinct.Select(message => message.DataId));
        Assert.Equal(receiver.Received.ElementAt(2).Id, receiver.Received.ElementAt(3).Id);
        Assert.Equal(6, receiver.Received.Count);
        Assert.Empty(receiver.Faults);
        Assert.All([WebhookReceiver.Key, "whsec_"], secret => Assert.DoesNotContain(secret, first.Output));
    }

    [Fact]
    public async Task Two_replicas_send_each_message_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        await receiver.RegisterAsync(api, "pour.stored");
        await using var other = api.Sibling();
        await Eventually.TrueAsync(async () => (await other.Anonymous.GetAsync("/health")).IsSuccessStatusCode, "it is ready");

        for (var n = 0; n < 20; n++)
        {
            await api.PourAllAsync((1 + (n % 3), 500));
        }

        await Eventually.TrueAsync(() => Task.FromResult(receiver.Distinct.Count == 20), "all are told");
        Assert.Equal(20, receiver.Received.Count);
        Assert.Empty(receiver.Faults);
    }

    private async Task<Dictionary<string, string?>> ApiSettingsAsync()
    {
        var settings = await servers.SettingsAsync();
        settings["Webhooks:AllowPrivateAddresses"] = "true";
        settings["Webhooks:Timeout"] = "00:00:03";
        return settings;
    }

    private static Dictionary<string, string?> With(Dictionary<string, string?> settings, int port, out string address)
    {
        address = $"http://127.0.0.1:{port}";
        return new Dictionary<string, string?>(settings)
        {
            ["Admin:Key"] = Api.AdminKey,
            ["ASPNETCORE_URLS"] = address,
            ["Logging:LogLevel:Default"] = "Trace",
        };
    }
}

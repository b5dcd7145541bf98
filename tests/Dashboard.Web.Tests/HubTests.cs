using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.SignalR;
using Testing;

namespace Dashboard.Web.Tests;

/// <summary>What a listener of the hub can ask for.</summary>
[Collection(nameof(ServersCollection))]
public sealed class HubTests(Servers servers)
{
    [Fact]
    public async Task A_listener_of_some_taps_gets_their_pours_only_and_is_told_of_those_that_they_are_stored()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        await listener.CallAsync("FollowTaps", new[] { 7, 8 });
        var other = await dashboard.AppendAsync(tapId: 9);
        await dashboard.AppendAsync(Dashboard.Message("1"));
        await dashboard.SendReceiptAsync(other);
        var own = await dashboard.AppendAsync(tapId: 7);
        Assert.Equal(("pour", own.Id), IdOf(await listener.NextAsync()));
        await dashboard.SendReceiptAsync(own);
        var (method, stored) = await listener.NextAsync();
        Assert.Equal(("stored", own.Id), (method, stored.GetProperty("ids").EnumerateArray().Single().GetGuid()));

        await listener.CallAsync("FollowAll");
        var any = await dashboard.AppendAsync(tapId: 9);
        Assert.Equal(("pour", any.Id), IdOf(await listener.NextAsync()));
    }

    [Fact]
    public async Task What_was_missed_is_streamed_whether_it_is_stored_or_waits_and_not_what_was_deleted()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        var last = await dashboard.AppendAsync(300, tapId: 7);
        var otherTap = await dashboard.AppendAsync(tapId: 9);
        var deleted = await dashboard.AppendAsync(tapId: 7);
        var stored = await dashboard.AppendAsync(473.5m, tapId: 7);
        await dashboard.StoreAsync(last, otherTap, deleted, stored);
        await dashboard.DeleteAsync(deleted);
        var waiting = await dashboard.AppendAsync(500, tapId: 7);

        await using var listener = await dashboard.ListenAsync();
        await listener.CallAsync("FollowTaps", new[] { 7 });
        var missed = await listener.StreamAsync("PoursSince", last.Id);

        Assert.Equal([last.Id, stored.Id, waiting.Id], missed.Select(pour => pour.GetProperty("id").GetGuid()));
        Assert.Equal([300m, 473.5m, 500m], missed.Select(pour => pour.GetProperty("volumeMl").GetDecimal()));
        Assert.All(missed, pour => Assert.Equal(7, pour.GetProperty("tapId").GetInt32()));

        // One that waits itself is known too.
        Assert.Contains(await listener.StreamAsync("PoursSince", waiting.Id), pour => pour.GetProperty("id").GetGuid() == waiting.Id);
    }

    [Fact]
    public async Task What_a_listener_cannot_have_is_refused_with_what_to_do()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        foreach (var taps in new int[][] { [], [0], [7, -1], [.. Enumerable.Range(1, 401)] })
        {
            var refusal = await Assert.ThrowsAsync<HubException>(() => listener.CallAsync("FollowTaps", taps));
            Assert.Contains("FollowTaps takes the numbers of 1 to 400 taps", refusal.Message, StringComparison.Ordinal);
        }

        var unknown = Guid.CreateVersion7();
        var notFound = await Assert.ThrowsAsync<HubException>(() => listener.StreamAsync("PoursSince", unknown));
        Assert.Contains($"No pour has the id {unknown}.", notFound.Message, StringComparison.Ordinal);

        // It still listens to everything.
        var id = (await dashboard.AppendAsync(tapId: 9)).Id;
        Assert.Equal(("pour", id), IdOf(await listener.NextAsync()));
    }

    [Fact]
    public async Task The_example_of_the_document_misses_no_pour_while_its_connection_is_gone()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var network = new TcpRelay(dashboard.HubAddress.Port);
        using var example = Start(await ExampleAsync(), new UriBuilder(dashboard.HubAddress) { Port = network.Port }.Uri);
        try
        {
            await ReadUntilAsync(example, "following");
            var first = await dashboard.AppendAsync(473, tapId: 7);
            Assert.Equal([], await ReadUntilAsync(example, $"pour {first.Id} tap 7 473 mL"));

            network.IsAway = true;
            await network.CutAsync();
            await Eventually.TrueAsync(() => Task.FromResult(dashboard.Listeners.Count == 0), "the connection is gone");
            var missed = await dashboard.AppendAsync(500, tapId: 8);
            network.IsAway = false;
            var between = await ReadUntilAsync(example, $"pour {missed.Id} tap 8 500 mL");

            Assert.Equal(["following"], between);
        }
        finally
        {
            example.Kill();
        }
    }

    private static (string Method, Guid Id) IdOf((string Method, System.Text.Json.JsonElement Argument) frame) =>
        (frame.Method, frame.Argument.GetProperty("id").GetGuid());

    // Beside the package, where node looks for it.
    private static async Task<string> ExampleAsync()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/live.md"));
        var script = Path.Combine(LocalServer.Repository, "artifacts/tools/signalr", $"listen-{Guid.NewGuid():N}.mjs");
        await File.WriteAllTextAsync(script, Regex.Match(document, "```js\n(.*?)```", RegexOptions.Singleline).Groups[1].Value);
        return script;
    }

    private static Process Start(string script, Uri hub) =>
        Process.Start(new ProcessStartInfo("node", [script]) { RedirectStandardOutput = true, Environment = { ["TAPROOM_HUB"] = hub.ToString() } })!;

    /// <summary>Reads lines until one is this.</summary>
    /// <returns>Those before it.</returns>
    private static async Task<IReadOnlyList<string>> ReadUntilAsync(Process process, string expected)
    {
        var before = new List<string>();
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) is { } line)
        {
            if (line == expected)
            {
                return before;
            }

            before.Add(line);
        }

        throw new InvalidOperationException($"The program ended, and said: {string.Join('\n', before)}");
    }
}

using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class ApiPageTests(Servers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_calls_of_docs_api_md_work_in_their_order_and_as_often_as_one_likes()
    {
        await using var api = await Api.StartAsync(servers);
        var letter = new IngestEntry
        {
            Id = Guid.NewGuid(),
            Kind = EntryKinds.Pour,
            Tap = "3",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = """{"volume":500}"""u8.ToArray(),
        };
        await api.Services.GetRequiredService<IngestStream>().SetAsideAsync(letter, "By mistake.", "test", CancellationToken.None);

        await RunAsync(api);
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{letter.Id}")).IsSuccessStatusCode, "it is stored");
        await RunAsync(api);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/stats")).GetProperty("pours").GetInt32() == 9,
            "all that was kept is stored"
        );
        Assert.Equal(
            [1, 2, 3, 7],
            (await api.GetAsync("/api/taps")).GetProperty("taps").EnumerateArray().Select(tap => tap.GetProperty("id").GetInt32())
        );
    }

    private static async Task RunAsync(Api api)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/api.md"));
        var script = page.Split("```bash\n")[1].Split("```")[0];
        var address = $"api={api.Anonymous.BaseAddress}api";
        var adapted = script.Replace("api=http://localhost:8338/api", address).Replace("$(cat artifacts/data/admin-key)", Api.AdminKey);
        Assert.Contains(address, adapted);
        Assert.Contains(Api.AdminKey, adapted);

        using var bash = Process.Start(
            new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", adapted]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        using var patience = new CancellationTokenSource(Patience);
        var output = await Task.WhenAll(bash.StandardOutput.ReadToEndAsync(patience.Token), bash.StandardError.ReadToEndAsync(patience.Token));
        await bash.WaitForExitAsync(patience.Token);
        Assert.True(bash.ExitCode == 0, $"{bash.ExitCode}\n{string.Concat(output)}");
    }
}

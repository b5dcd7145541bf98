using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using StackExchange.Redis;
using Testing;

namespace Distributed.Tests;

/// <summary>The commands of the dashboard, executed as it executes them.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class CommandTests(TaproomApp app)
{
    [Fact]
    public async Task Pour_100_pours_100_glasses()
    {
        using var api = app.ApiClient();
        var before = await PoursAsync(api);

        await SucceedsAsync("tap-simulator", "pour-100");

        await Eventually.TrueAsync(async () => await PoursAsync(api) >= before + 100, "100 more pours", TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("rush-hour")]
    [InlineData("break-connections")]
    public async Task The_simulated_taps_do_as_told_and_say_so(string command) =>
        Assert.NotEmpty((await SucceedsAsync("tap-simulator", command)).Message!);

    [Fact]
    public async Task A_new_tap_token_is_shown_once_and_opens_the_API_for_that_tap()
    {
        using var api = app.ApiClient();
        using var admin = new HttpRequestMessage(HttpMethod.Post, "/api/taps") { Content = JsonContent.Create(new { id = 79, name = "Bar left" }) };
        admin.Headers.Authorization = new("Bearer", TaproomApp.AdminKey);
        (await api.SendAsync(admin)).EnsureSuccessStatusCode();

        var token = (await SucceedsAsync("ingest-api", "new-tap-token", Tap("79"))).Data!;

        Assert.True(token.DisplayImmediately);
        api.DefaultRequestHeaders.Authorization = new("Bearer", token.Value);
        await Eventually.TrueAsync(
            async () => (await api.PostAsJsonAsync("/api/beers", new { tapId = 79, volume = 300 })).StatusCode == HttpStatusCode.Created,
            "the token is good for a pour"
        );
        await foreach (var lines in app.App.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(Resource("ingest-api")))
        {
            Assert.DoesNotContain(lines, line => line.Content.Contains(token.Value) || line.Content.Contains(TaproomApp.AdminKey));
        }
    }

    [Fact]
    public async Task A_new_token_for_a_tap_that_is_not_there_fails_in_the_words_of_the_API()
    {
        var result = await ExecuteAsync("ingest-api", "new-tap-token", Tap("424242"));

        Assert.False(result.Success);
        Assert.Contains("tap", result.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Requeue_dead_letters_puts_back_all_that_were_there_and_each_once()
    {
        // More than one call of the API puts back within its second.
        const int Good = 2_000;
        using var redis = await ConnectionMultiplexer.ConnectAsync(await app.ConnectionStringAsync("redis"));
        var database = redis.GetDatabase();
        List<Task<RedisValue>> adding = [.. Enumerable.Range(0, Good).Select(_ => SetAsideAsync(database, """{"volume":473}"""))];
        // These come back, and would be tried for ever.
        adding.AddRange(Enumerable.Range(0, 5).Select(_ => SetAsideAsync(database, """{"volume":5}""")));
        var positions = await Task.WhenAll(adding);
        using var api = app.ApiClient();
        var before = await PoursAsync(api, 80);

        // Of one replica, as a person clicks it; of a resource with several nothing is said.
        var replica = (await app.App.ResourceNotifications.WaitForResourceHealthyAsync("consumer-worker")).ResourceId;
        var result = await app.App.ResourceCommands.ExecuteCommandAsync(replica, "requeue-dead-letters");

        Assert.True(result.Success, result.Message);
        Assert.True(int.Parse(result.Message!.Split(' ')[0], CultureInfo.InvariantCulture) >= positions.Length, result.Message);
        Assert.Empty((await database.StreamRangeAsync("taproom:dead", positions[0], positions[^1])).Select(letter => letter.Id).Intersect(positions));
        await Eventually.TrueAsync(async () => await PoursAsync(api, 80) == before + Good, "the pours are stored");
    }

    private static Task<RedisValue> SetAsideAsync(IDatabase database, string body) =>
        database.StreamAddAsync(
            "taproom:dead",
            [
                new("id", Guid.CreateVersion7().ToString()),
                new("kind", "pour"),
                new("tap", "80"),
                new("at", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
                new("body", body),
                new("reason", "The database refused it"),
                new("source", "store"),
                new("deliveries", 1),
                new("failedAt", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
            ]
        );

    private static InteractionInputCollection Tap(string id) =>
        new([
            new()
            {
                Name = "tap",
                InputType = InputType.Number,
                Value = id,
            },
        ]);

    private static async Task<long> PoursAsync(HttpClient api, int? tapId = null) =>
        (await api.GetFromJsonAsync<JsonElement>("/api/taps"))
            .GetProperty("taps")
            .EnumerateArray()
            .Where(tap => tapId is null || tap.GetProperty("id").GetInt32() == tapId)
            .Sum(tap => tap.GetProperty("pours").GetInt64());

    private async Task<ExecuteCommandResult> SucceedsAsync(string resource, string command, InteractionInputCollection? arguments = null)
    {
        var result = await ExecuteAsync(resource, command, arguments);
        Assert.True(result.Success, result.Message);
        return result;
    }

    private Task<ExecuteCommandResult> ExecuteAsync(string resource, string command, InteractionInputCollection? arguments = null) =>
        app.App.ResourceCommands.ExecuteCommandAsync(Resource(resource), command, arguments ?? new([]));

    private IResource Resource(string name) =>
        app.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name);
}

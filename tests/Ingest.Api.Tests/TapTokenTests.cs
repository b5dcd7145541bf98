using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Taproom.Taps;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class TapTokenTests(Servers servers)
{
    private readonly int _tap = Api.NewTap();

    [Fact]
    public async Task A_replaced_token_stays_valid_beside_the_new_one_and_a_third_ends_it()
    {
        var api = await SharedAsync();
        var first = await NewTokenAsync(api);

        var second = await NewTokenAsync(api);
        Assert.Equal([true, true], await PourAsync(api, first, second));

        var third = await NewTokenAsync(api, """{"graceSeconds":600}""");
        Assert.Equal([false, true, true], await PourAsync(api, first, second, third));
    }

    [Fact]
    public async Task A_replaced_token_ends_when_its_grace_is_over()
    {
        var api = await SharedAsync();
        var old = await NewTokenAsync(api);

        var token = await NewTokenAsync(api, """{"graceSeconds":1}""");

        await Eventually.TrueAsync(async () => (await PourAsync(api, old)) is [false], "the old token is refused");
        Assert.Equal([true], await PourAsync(api, token));
    }

    [Fact]
    public async Task The_time_of_grace_can_be_set()
    {
        await using var api = await Api.StartAsync(servers, ("Tokens:Grace", "00:00:00"));
        await RegisterAsync(api);
        var old = await NewTokenAsync(api);

        var token = await NewTokenAsync(api);

        Assert.Equal([false, true], await PourAsync(api, old, token));
    }

    [Fact]
    public async Task Both_tokens_outlive_a_loss_of_Redis()
    {
        var api = await SharedAsync();
        string[] both = [await NewTokenAsync(api), await NewTokenAsync(api)];
        var tokens = api.Services.GetRequiredService<TapTokens>();
        await Eventually.TrueAsync(async () => await tokens.VerifyAsync(_tap, both[1]) == true, "Redis has the tokens");

        await api.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync($"{api.Settings["Ingest:Prefix"]}:tokens");

        // From Postgres first, then from Redis, where the registry is copied again.
        Assert.Equal([true, true], await PourAsync(api, both));
        await Eventually.TrueAsync(
            async () => await tokens.VerifyAsync(_tap, both[0]) == true && await tokens.VerifyAsync(_tap, both[1]) == true,
            "Redis has both tokens"
        );
        Assert.False(await tokens.VerifyAsync(_tap, both[1] + "x"));
        Assert.False(await tokens.VerifyAsync(_tap + 1_000_000, both[1]));
    }

    [Fact]
    public async Task A_tap_that_is_removed_has_no_token_any_more()
    {
        var api = await SharedAsync();
        string[] both = [await NewTokenAsync(api), await NewTokenAsync(api)];

        using var removed = await api.Admin.DeleteAsync($"/api/taps/{_tap}");
        Assert.Equal([false, false], await PourAsync(api, both));

        // Nor when it comes back.
        await RegisterAsync(api);
        Assert.Equal([false, false], await PourAsync(api, both));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("2592001")]
    [InlineData("\"60\"")]
    public async Task A_wrong_time_of_grace_is_named_and_changes_nothing(string seconds)
    {
        var api = await SharedAsync();
        var token = await NewTokenAsync(api);

        using var response = await api.PostAsync($"/api/taps/{_tap}/token", $$"""{"graceSeconds":{{seconds}}}""");

        var problem = await Api.ProblemAsync(response, 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty("graceSeconds", out _));
        Assert.Equal([true], await PourAsync(api, token));
    }

    private async Task<Api> SharedAsync()
    {
        var api = await Api.SharedAsync(servers);
        await RegisterAsync(api);
        return api;
    }

    private async Task RegisterAsync(Api api) =>
        (await api.PostAsync("/api/taps", $$"""{"id":{{_tap}},"name":"Bar"}""")).EnsureSuccessStatusCode().Dispose();

    private async Task<string> NewTokenAsync(Api api, string? body = null)
    {
        using var response = await api.Admin.PostAsync($"/api/taps/{_tap}/token", body is null ? null : Api.Json(body));
        return (await Api.ReadAsync(response)).GetProperty("token").GetString()!;
    }

    /// <returns>For each token, whether it pours.</returns>
    private async Task<IReadOnlyList<bool>> PourAsync(Api api, params IEnumerable<string> tokens)
    {
        var poured = new List<bool>();
        foreach (var token in tokens)
        {
            using var tap = api.With(token);
            using var response = await Calls.AnsweredAsync(() => tap.PostAsync("/api/beers", Api.Json($$"""{"tapId":{{_tap}},"volume":500}""")));
            Assert.True(response.StatusCode is HttpStatusCode.Created or HttpStatusCode.Unauthorized, $"{response.StatusCode}");
            poured.Add(response.IsSuccessStatusCode);
        }

        return poured;
    }
}

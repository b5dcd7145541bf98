using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class MessagesTests(Servers servers)
{
    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("0")]
    [InlineData("12345678901234567890.12345678901234567890e-5")]
    [InlineData("[1234567890123456789012345678901234567890,1e308,-1E-400,-0,1.10]")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("""{"a":[1,{"b":[[],{}]}],"c":null,"z":"naïve 🍺 \u0000 \ud83c\udf7a \"quoted\"","Ü":"\/"}""")]
    public async Task A_message_comes_back_as_it_was_sent(string json)
    {
        var api = await Api.SharedAsync(servers);
        using var posted = await api.PostAsync("/api/messages", json);
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        var receipt = await Api.ReadAsync(posted);
        Assert.Equal(["id", "status"], receipt.EnumerateObject().Select(member => member.Name));

        var message = await api.StoredAsync(posted.Headers.Location!.OriginalString);
        Assert.Equal(receipt.GetProperty("id").GetGuid(), message.GetProperty("id").GetGuid());
        Assert.Equal(json, message.GetProperty("payload").GetRawText());
        var listed = (await api.GetAsync("/api/messages?page_size=500")).GetProperty("messages").EnumerateArray().Last();
        Assert.Equal(message.GetRawText(), listed.GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("NaN")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\udf7a\\ud83c\"")]
    public async Task Invalid_JSON_is_400(string body)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.PostAsync("/api/messages", body);
        await Api.ProblemAsync(response, 400);
    }

    [Fact]
    public async Task Every_listener_gets_every_message_with_id_and_payload()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        await using var one = await Socket.OpenAsync(api, "/sockets/messages");
        await using var other = await Socket.OpenAsync(api, "/sockets/messages");
        await api.PourAsync();
        using var posted = await api.PostAsync("/api/messages", """{"hello":["wörld"]}""");
        var id = (await Api.ReadAsync(posted)).GetProperty("id").GetGuid();

        foreach (var socket in (Socket[])[one, other])
        {
            var frame = JsonDocument.Parse((await socket.ReadAsync())!).RootElement;
            Assert.Equal(id, frame.GetProperty("id").GetGuid());
            Assert.Equal("""{"hello":["wörld"]}""", frame.GetProperty("payload").GetRawText());
        }
    }

    [Fact]
    public async Task Of_32_posters_and_two_workers_every_message_is_stored_once()
    {
        await using var api = await Api.StartAsync(servers);
        await using var second = api.Sibling();
        await second.StartWorkerAsync();

        await Task.WhenAll(
            Enumerable
                .Range(0, 32)
                .Select(async poster =>
                {
                    for (var n = 0; n < 25; n++)
                    {
                        using var response = await (poster % 2 == 0 ? api : second).PostAsync("/api/messages", $"{poster * 25 + n}");
                        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
                    }
                })
        );

        var payloads = await Eventually.ValueAsync(
            async () =>
            {
                var first = await api.GetAsync("/api/messages?page_size=500");
                var rest = await api.GetAsync("/api/messages?page_size=500&page=2");
                int[] all =
                [
                    .. first
                        .GetProperty("messages")
                        .EnumerateArray()
                        .Concat(rest.GetProperty("messages").EnumerateArray())
                        .Select(message => message.GetProperty("payload").GetInt32()),
                ];
                return all.Length >= 800 ? all : null;
            },
            "all messages are stored"
        );
        Assert.Equal(Enumerable.Range(0, 800), payloads.Order());
    }

    [Fact]
    public async Task A_page_of_large_messages_ends_early_and_its_link_goes_on()
    {
        await using var api = await Api.StartAsync(servers);
        var large = JsonSerializer.Serialize(new string('x', 60_000));
        foreach (var _ in Enumerable.Range(0, 40))
        {
            using var posted = await api.PostAsync("/api/messages", large);
            Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        }

        await Eventually.TrueAsync(async () => (await api.PagesAsync("/api/messages?page_size=500")).Counts.Sum() == 40, "all are stored");
        Assert.InRange((await api.PagesAsync("/api/messages?page_size=500")).MaxBytes, 60_000, 1_100_000);
    }
}

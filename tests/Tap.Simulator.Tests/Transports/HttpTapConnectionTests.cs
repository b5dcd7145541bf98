namespace Tap.Simulator.Tests;

public sealed class HttpTapConnectionTests
{
    [Theory]
    [InlineData(404, null)]
    [InlineData(408, null)]
    [InlineData(500, null)]
    [InlineData(429, nameof(AnswerKind.Busy))]
    [InlineData(503, nameof(AnswerKind.Busy))]
    [InlineData(409, nameof(AnswerKind.Refused))]
    [InlineData(422, nameof(AnswerKind.Refused))]
    public async Task Only_an_answer_that_is_about_the_pour_gives_it_up(int status, string? kind)
    {
        await using var api = await FakeApi.StartAsync(status);
        using var connection = new HttpTapConnection(new TapIdentity(7), new Uri(api.Urls.Single()), token: "", receipts: true, stopReading: null);

        var sending = connection.SendAsync(Pours.Pint(1), CancellationToken.None);

        if (kind is null)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => sending);
        }
        else
        {
            Assert.Equal(kind, (await sending).Kind.ToString());
        }
    }
}

using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Pours that are taken, though a device meant them otherwise or wrote them oddly.</summary>
[Collection(nameof(ServersCollection))]
public sealed class UnusualPoursTests(Servers servers)
{
    [Theory]
    [InlineData("2099-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:30:00Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    public async Task A_clock_that_cannot_be_right_is_said_to_be_suspect_and_the_time_of_receipt_stands_in(string pouredAt)
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":{{tap}},"volume":500,"pouredAt":"{{pouredAt}}"}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var odd = (await Api.ReadAsync(posted)).GetProperty("beer");
        var usual = (await api.PourAllAsync((tap, 600)))[0];

        var stored = (await api.StoredAsync(posted.Headers.Location!.OriginalString)).GetProperty("beer");
        Assert.Equal(odd.GetRawText(), stored.GetRawText());
        Assert.True(odd.GetProperty("clockSuspect").GetBoolean());
        Assert.InRange(odd.GetProperty("timestamp").GetDateTimeOffset(), before, DateTimeOffset.UtcNow);
        var newestFirst = (await api.GetAsync($"/api/beers?tap={tap}&sort=-timestamp")).GetProperty("beers");
        Assert.Equal([usual, odd.GetProperty("id").GetGuid()], newestFirst.EnumerateArray().Select(beer => beer.GetProperty("id").GetGuid()));
        Assert.False(newestFirst[0].TryGetProperty("clockSuspect", out _));
    }

    [Fact]
    public async Task A_volume_of_25_decimals_is_rounded_to_a_microlitre_and_every_read_goes_on()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"a"}""");
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""");
        using var put = await api.Admin.PutAsync(
            $"/api/taps/{tap}/keg",
            Api.Json($$"""{"kegId":{{(await Api.ReadAsync(keg)).GetProperty("id").GetRawText()}}}""")
        );
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);

        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":{{tap}},"volume":473.3333333333333333333333333}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        Assert.Equal(473.333m, (await Api.ReadAsync(posted)).GetProperty("beer").GetProperty("volume").GetDecimal());
        var beer = await api.StoredAsync(posted.Headers.Location!.OriginalString);
        Assert.Equal("473.333", beer.GetProperty("beer").GetProperty("volume").GetRawText());
        foreach (var path in (string[])["/api/beers", "/api/taps", "/api/kegs", "/api/stats", "/api/stats/hourly", "/api/events", "/api/messages"])
        {
            await api.GetAsync(path);
        }

        Assert.Equal("473.333", (await api.GetAsync($"/api/taps/{tap}")).GetProperty("volumeMl").GetRawText());
        Assert.Equal("29526.667", (await api.GetAsync(keg.Headers.Location!.OriginalString)).GetProperty("levelMl").GetRawText());
        Assert.Contains(",473.333,", await api.Anonymous.GetStringAsync($"/api/beers/export?format=csv&tap={tap}"));
    }

    [Theory]
    [InlineData("1000.000000000000000000000000000001", "30000", 422, 201)]
    [InlineData("300.00050000000000000000000000000000000001", "1000000000.00000000000000000000000000001", 201, 400)]
    [InlineData("99.99999999999999999999999999999999999999", "0.00099999999999999999999999999999999999999", 422, 400)]
    public async Task A_limit_is_held_against_every_digit_of_what_was_sent(string volume, string sizeMl, int poured, int tapped)
    {
        var api = await Api.SharedAsync(servers);

        using var pour = await api.PostAsync("/api/beers", $$"""{"tapId":1,"volume":{{volume}}}""");
        using var keg = await api.PostAsync("/api/kegs", $$"""{"beverage":"Pils","sizeMl":{{sizeMl}}}""");

        Assert.Equal((poured, tapped), ((int)pour.StatusCode, (int)keg.StatusCode));
        if (pour.IsSuccessStatusCode)
        {
            var stored = (await api.StoredAsync(pour.Headers.Location!.OriginalString)).GetProperty("beer");
            Assert.Equal(("300.001", "pint"), (stored.GetProperty("volume").GetRawText(), stored.GetProperty("type").GetString()));
        }
    }
}

using System.Globalization;
using Dashboard.Web.Components.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Taproom.Reports;

namespace Dashboard.Web.Tests;

/// <summary>Numbers and sentences in both languages and both systems of units.</summary>
public sealed class WordingTests
{
    private static readonly IStringLocalizer<Texts> T = new ServiceCollection()
        .AddLogging()
        .AddLocalization()
        .BuildServiceProvider()
        .GetRequiredService<IStringLocalizer<Texts>>();

    [Theory]
    [InlineData("en", false, 0, "0.0")]
    [InlineData("en", false, 473, "0.5")]
    [InlineData("en", false, 999_940, "999.9")]
    [InlineData("en", false, 1_234_567, "1\u202f235")]
    [InlineData("de", false, 473, "0,5")]
    [InlineData("de", false, 1_234_567, "1.235")]
    [InlineData("en", true, 473.176473, "1.0")]
    [InlineData("en", true, 30_000, "63.4")]
    [InlineData("de", true, 30_000, "63,4")]
    [InlineData("en", true, 473_176.473, "1\u202f000")]
    public void A_keg_is_measured_in_litres_or_pints(string language, bool us, decimal volumeMl, string shown) =>
        In(language, () => Assert.Equal(shown, new Units(T) { AreUs = us }.Keg(volumeMl)));

    [Theory]
    [InlineData("en", false, 473.25, "473.3")]
    [InlineData("en", false, 1_000, "1\u202f000")]
    [InlineData("de", false, 473.25, "473,3")]
    [InlineData("de", false, 1_000, "1.000")]
    [InlineData("en", true, 29.5735295625, "1.0")]
    [InlineData("en", true, 473.176473, "16.0")]
    [InlineData("en", true, 500, "16.9")]
    [InlineData("de", true, 500, "16,9")]
    public void A_glass_is_measured_in_millilitres_or_fluid_ounces(string language, bool us, decimal volumeMl, string shown) =>
        In(language, () => Assert.Equal(shown, new Units(T) { AreUs = us }.Glass(volumeMl)));

    [Theory]
    [InlineData("en", -5, "just now")]
    [InlineData("en", 59, "59 s ago")]
    [InlineData("en", 60, "1 min ago")]
    [InlineData("en", 7200, "2 h ago")]
    [InlineData("en", 200_000, "2 d ago")]
    [InlineData("de", -5, "gerade eben")]
    [InlineData("de", 60, "vor 1 min")]
    public void Ages_are_shown_in_the_largest_whole_unit(string language, int seconds, string shown) =>
        In(language, () => Assert.Equal(shown, T.Age(TimeSpan.FromSeconds(seconds))));

    [Theory]
    [InlineData("en", 0, "0 pours within the last 10 minutes")]
    [InlineData("en", 1, "1 pour within the last 10 minutes")]
    [InlineData("de", 1, "1 Zapfung in den letzten 10 Minuten")]
    [InlineData("de", 1_200, "1.200 Zapfungen in den letzten 10 Minuten")]
    public void One_thing_has_another_word_than_several(string language, int number, string shown) =>
        In(language, () => Assert.Equal(shown, T.Plural(number, "1 pour within the last {1} minutes", "{0} pours within the last {1} minutes", 10)));

    [Theory]
    [InlineData("keg-low", """{"tapId":5,"beverage":"Märzen"}""", "Das Fass Märzen an Hahn 5 geht zur Neige.")]
    [InlineData("keg-empty-soon", """{"tapId":5,"beverage":"Märzen","minutesLeft":12}""", "Das Fass Märzen an Hahn 5 ist in etwa 12 min leer.")]
    [InlineData("tap-offline", """{"tapId":7}""", "Hahn 7 ist offline.")]
    [InlineData("temperature", """{"tapId":7,"temperatureC":12.54}""", "Das Bier an Hahn 7 hat 12,5 °C: zu warm oder zu kalt.")]
    [InlineData("flow-without-pour", """{"tapId":7,"flowLpm":1.9}""", "An Hahn 7 fließt Bier (1,9 L/min), und keine Zapfung wird gemeldet.")]
    [InlineData(
        "dead-letters",
        """{"device":"7","count":12,"reason":"bad volume"}""",
        "12 Meldungen von 7 wurden binnen einer Stunde aussortiert: bad volume"
    )]
    [InlineData(
        "line-behind",
        """{"waiting":1200,"oldestAgeSeconds":61}""",
        "Einträge warten darauf, gespeichert zu werden: 1.200, der älteste seit 61 s."
    )]
    [InlineData(
        "meter-unreachable",
        """{"meterId":"002738","error":"The meter answered with status 503."}""",
        "Der Zähler 002738 ist nicht zu lesen: Der Zähler antwortete mit Status 503."
    )]
    [InlineData(
        "meter-unreachable",
        """{"meterId":"002738","error":"The meter cannot be reached (ConnectionError)."}""",
        "Der Zähler 002738 ist nicht zu lesen: Der Zähler ist nicht erreichbar (ConnectionError)."
    )]
    [InlineData(
        "meter-unreachable",
        """{"meterId":"002738","error":"The meter did not answer in time."}""",
        "Der Zähler 002738 ist nicht zu lesen: Der Zähler antwortete nicht rechtzeitig."
    )]
    [InlineData("meter-unreachable", """{"meterId":"1","error":"It rains."}""", "Der Zähler 1 ist nicht zu lesen: It rains.")]
    [InlineData("keg-low", """{"tapId":{}}""", "as it came")]
    [InlineData("keg-low", "[]", "as it came")]
    [InlineData("another", """{"tapId":7}""", "as it came")]
    public void An_alert_is_told_in_German_where_its_kind_is_known(string kind, string data, string shown) =>
        In("de", () => Assert.Equal(shown, T.Alert(new Units(T), kind, data, "as it came")));

    [Theory]
    [InlineData("tap-offline", "taproom", """{"alert":"begin","about":{"tapId":7}}""", "Hahn 7 ist offline.")]
    [InlineData("tap-offline", "taproom", """{"alert":"end","about":{"tapId":7}}""", "Vorbei: Hahn 7 ist offline.")]
    [InlineData("tap-offline", "taproom", """{"alert":["end"],"about":{"tapId":7}}""", "Hahn 7 ist offline.")]
    [InlineData("tap-offline", "taproom", """{"alert":"end","about":7}""", "as it came")]
    [InlineData("tap-offline", "taproom", "[7]", "as it came")]
    [InlineData("tap-offline", "bar", """{"alert":"end","about":{"tapId":7}}""", "as it came")]
    public void An_event_of_an_alert_is_told_as_the_alert_is(string component, string environment, string data, string shown) =>
        In("de", () => Assert.Equal(shown, T.Event(new Units(T), new ActivityEvent(component, environment, null, "as it came", data))));

    [Fact]
    public void Too_warm_is_told_in_the_visitors_units() =>
        In(
            "en",
            () =>
                Assert.Equal(
                    "The beer of tap 7 has 54.6 °F, which is too warm or too cold.",
                    T.Alert(new Units(T) { AreUs = true }, "temperature", """{"tapId":7,"temperatureC":12.54}""", "as it came")
                )
        );

    [Fact]
    public void Dates_are_written_as_in_the_language()
    {
        var noon = new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
        In("en", () => Assert.Equal("2026-05-04 12:00:00", Numbers.Clock(noon, noon.AddDays(1))));
        In("de", () => Assert.Equal("04.05.2026 12:00:00", Numbers.Clock(noon, noon.AddDays(1))));
        In("de", () => Assert.Equal("Montag, 4. Mai", noon.ToString("dddd, d. MMMM", Languages.Current)));
    }

    private static void In(string language, Action assert)
    {
        var (before, culture) = (CultureInfo.CurrentCulture, Languages.All.Single(known => known.Culture.Name == language).Culture);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
        try
        {
            assert();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (before, before);
        }
    }
}

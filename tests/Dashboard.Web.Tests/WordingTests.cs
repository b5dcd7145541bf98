using System.Globalization;
using Dashboard.Web.Access;
using Dashboard.Web.Components.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Taproom.Reports;
using Testing;

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

    [Theory]
    [InlineData("Tap 7 is registered already.", "Hahn 7 ist schon angelegt.")]
    [InlineData("The member 'sizeMl' must be a number from 0 to 10.", "Das Feld 'sizeMl' muss eine Zahl von 0 bis 10 sein.")]
    [InlineData("The member 'id' must be a UUID, and not the nil UUID.", "Die Kennung muss eine UUID sein, und nicht die Null-UUID.")]
    [InlineData("Tap 8 does not exist.", "Den Hahn 8 gibt es nicht.")]
    [InlineData(
        "This can never be stored: Tap 7 may not publish to 'taps/8/pours'.",
        "Das kann nie gespeichert werden: Hahn 7 darf nicht an 'taps/8/pours' senden."
    )]
    [InlineData(
        "The file has no column 'a' and no 'b'; its first line has: c, d. Say with 'e' what the file calls it.",
        "Die Datei hat keine Spalte 'a' und keine 'b'; ihre erste Zeile hat: c, d. Sagen Sie ('e'), wie die Spalte in der Datei heißt."
    )]
    [InlineData(
        "The parameter 'by' must be 'beverage', 'tap', 'hour' or 'day'.",
        "Der Parameter 'by' muss 'beverage', 'tap', 'hour' oder 'day' sein."
    )]
    [InlineData("The parameter 'from' must be given.", "Der Parameter 'from' muss angegeben werden.")]
    [InlineData(
        "The parameter 'to' must be an RFC 3339 time, like 2026-01-31T12:00:00Z, or a date.",
        "Der Parameter 'to' muss so sein: eine Zeit nach RFC 3339, wie 2026-01-31T12:00:00Z, oder ein Datum."
    )]
    [InlineData("There is a beverage {0} {9} already; names that differ by case only are the same.", null)]
    [InlineData("The body must be a JSON object. It rains.", "The body must be a JSON object. It rains.")]
    [InlineData("Tap  does not exist.", "Tap  does not exist.")]
    [InlineData("", "")]
    public void A_refusal_is_told_in_German_where_its_words_are_known(string english, string? german)
    {
        In(
            "de",
            () => Assert.Equal(german ?? "Das Getränk {0} {9} gibt es schon; groß und klein geschrieben ist der Name derselbe.", T.Refusal(english))
        );
        In("en", () => Assert.Equal(english, T.Refusal(english)));
    }

    [Fact]
    public void A_refusal_that_another_program_wrote_holds_up_no_page()
    {
        var nested = string.Concat(Enumerable.Repeat("This can never be stored: ", 50_000)) + "it rains";
        In("de", () => Assert.StartsWith("Das kann nie gespeichert werden: Das kann", T.Refusal(nested), StringComparison.Ordinal));
    }

    [Fact]
    public void Known_refusals_are_those_that_other_services_write()
    {
        var sources = string.Concat(
            from project in (string[])["Taproom", "Ingest.Api", "Consumer.Worker", "Mqtt.Bridge", "Dashboard.Web/Access"]
            from file in Directory.EnumerateFiles(Path.Combine(LocalServer.Repository, project), "*.cs", SearchOption.AllDirectories)
            where Path.GetFileName(file) != "KnownRefusals.cs"
            select File.ReadAllText(file).Replace("\\\"", "\"", StringComparison.Ordinal)
        );
        const string Missing = " does not exist.";
        Assert.Contains(Missing, sources, StringComparison.Ordinal);
        Assert.Empty(
            from known in KnownRefusals.All
            from part in (known.EndsWith(Missing, StringComparison.Ordinal) ? known[..^Missing.Length] : known).Split(
                ["{0}", "{1}", "{2}", "{3}", "{4}"],
                StringSplitOptions.None
            )
            where !sources.Contains(part, StringComparison.Ordinal)
            select $"nobody writes '{part}' of: {known}"
        );
    }

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

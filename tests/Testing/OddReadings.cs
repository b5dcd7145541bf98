namespace Testing;

/// <summary>Bodies of readings that former releases or other programs have stored, and that Postgres cannot look into as they are.</summary>
public static class OddReadings
{
    /// <summary>One of 4.5 °C with U+0000 in a text.</summary>
    public const string Cold = """{"temperatureC":4.5,"note":"a\u0000b"}""";

    /// <summary>None of them is warmer.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Cold,
        """{"\u0000":"\\u0000 \\\u0000","temperatureC":4.5}""",
        """{"note":"\ud800 \uDFff \ud83c\udf7a","temperatureC":4.5e0}""",
        """{"temperatureC":4.50000000000000000000000000000000000001,"small":1e-20000}""",
        $$"""{"temperatureC":4.5{{new string('0', 20_000)}}}""",
        """{"temperatureC":1e-20000,"flowLpm":-1e-20000}""",
        """{"temperatureC":1e300,"flowLpm":1e300}""",
        """{"temperatureC":"warm","flowLpm":[5]}""",
        """{"temperatureC":{"\u0000":30}}""",
        """{"temperatureC":null,"flowLpm":"\u0000"}""",
    ];
}

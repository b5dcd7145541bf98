using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed partial class PourReportPropertyTests
{
    private const string Bad = "{\"x\":{\"y\":1,\"y\":2}}";

    private static readonly string[] Names = ["id", "tapId", "volume", "pouredAt", "seq", "pulses", "odometer", "durationMs", "purpose"];

    [Fact]
    public void The_reader_agrees_with_a_plain_statement_of_the_rules()
    {
        var number = Gen.Frequency(
            (4, Gen.Int[95_000, 1_005_000].Select(n => (n / 1000m).ToString(CultureInfo.InvariantCulture))),
            (2, Gen.Int[0, 1200].Select(n => $"{n}")),
            (1, Gen.Int[1, 9].Array[1, 45].Select(digits => $"473.{string.Concat(digits)}")),
            (
                1,
                Gen.Select(
                    Gen.OneOf("99", "100", "300", "1000", "7"),
                    Gen.Int[0, 40],
                    Gen.Int[0, 1],
                    (n, zeros, last) => $"{n}.{new string('0', zeros)}{last}"
                )
            ),
            (1, Gen.OneOf("-1", "-0", "0.5", "2.0", "1e2", "4.73e2", "1E3", "99.9999", "1000.0001", "9223372036854775808", "1e30", "1e-30"))
        );
        var text = Gen.OneOf(
            "\"\"",
            "\"7\"",
            "\"foam\"",
            "\"6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f\"",
            "\"6B1C2F0E-8A2B-4C57-9F5E-0D9A1C3B5E7F\"",
            "\"\\u0036b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f\"",
            "\"{6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f}\"",
            "\"00000000-0000-0000-0000-000000000000\"",
            "\"2026-05-01T20:15:30+02:00\"",
            "\"0001-01-01T00:00:00Z\"",
            "\"03/04/2026 20:15:04 +01:00\""
        );
        var value = Gen.Frequency((5, number), (4, text), (1, Gen.OneOf("null", "true", "[]", "{\"x\":[1]}", Bad)));
        var member = Gen.Select(Gen.OneOf([.. Names, "note", "Volume"]), value);
        var volume = Gen.Frequency((9, number), (1, value)).Select(raw => ("volume", raw));

        Gen.Select(
                Gen.Frequency((9, volume.Array[1, 1]), (1, volume.Array[0, 2])),
                member.Array[0, 4],
                Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true)))
            )
            .Sample(
                (volumes, others, isEscaped) =>
                {
                    (string Name, string Raw)[] members = [.. others, .. volumes];
                    string Written(string name) => isEscaped ? $"\\u{(int)name[0]:x4}{name[1..]}" : name;
                    var json = $"{{{string.Join(",", members.Select(one => $"\"{Written(one.Name)}\":{one.Raw}"))}}}";
                    var isRead = PourReport.TryParse(Encoding.UTF8.GetBytes(json), out var report, out var refusal);
                    var isJson = members.DistinctBy(one => one.Name).Count() == members.Length && members.All(one => one.Raw != Bad);
                    string? Raw(string name) => members.FirstOrDefault(one => one.Name == name).Raw is var raw and not "null" ? raw : null;
                    var fault = Names.FirstOrDefault(name => !IsRight(name, Raw(name), Raw("volume") ?? Raw("pulses"), Raw("volume") is not null));
                    return isJson
                        ? (isRead, refusal?.Member) == (fault is null, fault)
                            && (
                                !isRead
                                || (report!.VolumeMl is { } volumeMl ? volumeMl * 1000 : null) == (decimal?)Number(Raw("volume"))?.Thousandths()
                            )
                        : (isRead, refusal?.Status, refusal?.Member) == (false, 400, null);
                },
                iter: 20_000
            );
    }

    [Fact]
    public void Of_many_reports_in_one_array_each_is_judged_as_it_is_alone()
    {
        var item = Gen.OneOf(
            """{"volume":473,"id":"6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f"}""",
            """{ "volume" : 250.0005 , "x" : { "volume" : 1 } }""",
            """{"volume":50,"x":[{"x":1},{"x":1}]}""",
            """{"x":1}""",
            """{}""",
            """[{"volume":473},[[]]]""",
            """[]""",
            "5",
            "\"volume\"",
            "null"
        );

        item.Array[1, 6]
            .Sample(
                items =>
                {
                    var json = Encoding.UTF8.GetBytes($" [ {string.Join(" , ", items)} ] ");
                    return PourBatch.TryParse(json, items.Length, out var read, out _)
                        && !PourBatch.TryParse(json, items.Length - 1, out _, out _)
                        && read.Zip(items)
                            .All(pair =>
                                PourReport.TryParse(Encoding.UTF8.GetBytes(pair.Second), out var report, out var refusal) == refusal is null
                                && pair.First.Report == report
                                && pair.First.Refusal == refusal
                                && Encoding.UTF8.GetString(pair.First.Json.Span) == pair.Second
                            );
                },
                iter: 2_000
            );
    }

    private static bool IsRight(string name, string? raw, string? amount, bool hasVolume) =>
        name switch
        {
            "volume" when raw is null => amount is not null,
            _ when raw is null => true,
            "volume" => Number(raw) is { } volume && volume.CompareTo(100) >= 0 && volume.CompareTo(1000) <= 0,
            "pulses" when !hasVolume => Number(raw) is { IsWhole: true } pulses && pulses.CompareTo(1) >= 0 && pulses.CompareTo(1_000_000) <= 0,
            "id" => Uuid().IsMatch(raw.Replace("\\u0036", "6")) && raw.Any(c => c is not ('0' or '-' or '"')),
            "tapId" => raw.All(char.IsAsciiDigit) && Number(raw) is { } tap && tap.CompareTo(1) >= 0 && tap.CompareTo(int.MaxValue) <= 0,
            "purpose" => raw == "\"foam\"",
            "pouredAt" => raw.Contains('T', StringComparison.Ordinal),
            _ => Number(raw) is { IsWhole: true } count && count.CompareTo(0) >= 0 && count.CompareTo(long.MaxValue) <= 0,
        };

    private static PlainNumber? Number(string? raw) => raw?[0] is '-' or (>= '0' and <= '9') ? PlainNumber.Parse(raw) : null;

    [GeneratedRegex("""\A"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"\z""")]
    private static partial Regex Uuid();
}

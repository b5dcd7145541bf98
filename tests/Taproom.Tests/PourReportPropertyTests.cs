using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed partial class PourReportPropertyTests
{
    private static readonly string[] Counts = ["seq", "pulses", "odometer", "durationMs"];

    [Fact]
    public void The_reader_agrees_with_a_plain_statement_of_the_rules()
    {
        var number = Gen.Frequency(
            (4, Gen.Int[95_000, 1_005_000].Select(n => (n / 1000m).ToString(CultureInfo.InvariantCulture))),
            (2, Gen.Int[0, 1200].Select(n => $"{n}")),
            (1, Gen.Int[1, 9].Array[1, 25].Select(digits => $"473.{string.Concat(digits)}")),
            (1, Gen.OneOf("-1", "-0", "0.5", "2.0", "1e2", "4.73e2", "1E3", "99.9999", "1000.0001", "9223372036854775808"))
        );
        var text = Gen.OneOf(
            "\"\"",
            "\"7\"",
            "\"6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f\"",
            "\"6B1C2F0E-8A2B-4C57-9F5E-0D9A1C3B5E7F\"",
            "\"{6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f}\"",
            "\"00000000-0000-0000-0000-000000000000\"",
            "\"2026-05-01T20:15:30+02:00\"",
            "\"0001-01-01T00:00:00Z\"",
            "\"03/04/2026 20:15:04 +01:00\""
        );
        var value = Gen.Frequency((5, number), (4, text), (1, Gen.OneOf("null", "true", "[]", "{\"x\":[1]}")));
        var member = Gen.Select(Gen.OneOf([.. Counts, "id", "tapId", "pouredAt", "note"]), value);
        var volume = Gen.Frequency((9, number), (1, value)).Select(raw => ("volume", raw));

        Gen.Select(Gen.Frequency((9, volume.Array[1, 1]), (1, volume.Array[0, 2])), member.Array[0, 4])
            .Sample(
                (volumes, others) =>
                {
                    (string Name, string Raw)[] members = [.. others, .. volumes];
                    var json = $"{{{string.Join(",", members.Select(one => $"\"{one.Name}\":{one.Raw}"))}}}";
                    var isRead = PourReport.TryParse(Encoding.UTF8.GetBytes(json), out var report, out var refusal);
                    return isRead == IsRight(members)
                        && isRead == refusal is null
                        && (!isRead || report!.VolumeMl == Math.Round(Number(volumes[0].Item2)!.Value, 3));
                },
                iter: 20_000
            );
    }

    private static bool IsRight((string Name, string Raw)[] members) =>
        members.DistinctBy(member => member.Name).Count() == members.Length
        && members.Any(member => member.Name == "volume")
        && members.All(member =>
            member.Name switch
            {
                "volume" => Number(member.Raw) is >= 100 and <= 1000,
                "note" => true,
                _ when member.Raw == "null" => true,
                "id" => Uuid().IsMatch(member.Raw) && member.Raw.Any(c => c is not ('0' or '-' or '"')),
                "tapId" => member.Raw.All(char.IsAsciiDigit) && Number(member.Raw) is >= 1 and <= int.MaxValue,
                "pouredAt" => member.Raw.Contains('T', StringComparison.Ordinal),
                _ => Number(member.Raw) is >= 0 and <= long.MaxValue && Number(member.Raw) % 1 == 0,
            }
        );

    private static decimal? Number(string raw) =>
        decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex("""\A"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"\z""")]
    private static partial Regex Uuid();
}

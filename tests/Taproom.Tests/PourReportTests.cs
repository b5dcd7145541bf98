using System.Text;
using Taproom.Pours;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed class PourReportTests
{
    [Fact]
    public void A_report_is_read_with_all_of_its_members()
    {
        const string Json = """
            {"id":"6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f","tapId":7,"volume":473.25,"pouredAt":"2026-05-01T20:15:30+02:00",
             "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tracestate":"a=b","seq":9,"more":[1,{"x":null}]}
            """;

        Assert.True(PourReport.TryParse(Encoding.UTF8.GetBytes(Json), out var report, out var refusal));

        Assert.Null(refusal);
        Assert.Equal(Guid.Parse("6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f"), report.Id);
        Assert.Equal(7, report.TapId);
        Assert.Equal(473.25m, report.VolumeMl);
        Assert.Equal(DateTimeOffset.Parse("2026-05-01T18:15:30Z"), report.PouredAt);
        Assert.Equal("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", report.TraceParent);
        Assert.Equal("a=b", report.TraceState);
    }

    [Theory]
    [InlineData("""{"volume":473}""")]
    [InlineData("""{"volume":4.73e2}""")]
    [InlineData("""{"volume":473,"id":null,"tapId":null,"pouredAt":null,"traceparent":17}""")]
    [InlineData("""{"volume":473,"pouredAt":"2026-05-01T18:15:30.123456789Z"}""")]
    [InlineData("""{"volume":473,"pouredAt":"2026-05-01t18:15:30z"}""")]
    [InlineData("""{"volume":473,"pulses":0}""")]
    [InlineData("""{"volume":473,"purpose":"taster"}""")]
    [InlineData("""{"volume":473,"purpose":"\u0073ale"}""")]
    [InlineData("""{"volume":473,"purpose":null}""")]
    [InlineData("""{"volume":473,"pulses":9223372036854775807}""")]
    [InlineData("""{"volume":null,"pulses":1}""")]
    [InlineData("""{"pulses":1000000,"odometer":4294967295,"durationMs":6400}""")]
    public void What_is_optional_may_be_missing_or_null(string json) => Assert.True(PourReport.TryParse(Encoding.UTF8.GetBytes(json), out _, out _));

    [Theory]
    [InlineData("", 400, null)]
    [InlineData("not json", 400, null)]
    [InlineData("[]", 400, null)]
    [InlineData("null", 400, null)]
    [InlineData("473", 400, null)]
    [InlineData("""{"volume":473""", 400, null)]
    [InlineData("""{"volume":473} {}""", 400, null)]
    [InlineData("""{"volume":NaN}""", 400, null)]
    [InlineData("""{"volume":473,"volume":474}""", 400, null)]
    [InlineData("""{"volume":473,"x":{"y":1,"y":2}}""", 400, null)]
    [InlineData("""{"volume":473,"\u0076olume":474}""", 400, null)]
    [InlineData("""{"volume":473,"x":"\ud83c"}""", 400, null)]
    [InlineData("""{"volume":473,"\ud83c":1}""", 400, null)]
    [InlineData("""{"volume":473,"id":"\ud83c","x":[}""", 400, null)]
    [InlineData("""{"volume":1e400}""", 400, "volume")]
    [InlineData("""{"volume":473,"note":[1e400]}""", 400, "note")]
    [InlineData("""{"volume":1e30}""", 422, "volume")]
    [InlineData("""{"pouredAt":"x","seq":-1,"volume":1,"tapId":0,"id":"x"}""", 422, "id")]
    [InlineData("""{"seq":-1,"pouredAt":"x","volume":1}""", 422, "volume")]
    [InlineData("""{"seq":-1,"pouredAt":"x"}""", 422, "volume")]
    [InlineData("""{"seq":0.00000000000000000000000000000000001,"volume":473}""", 422, "seq")]
    [InlineData("""{"volume":{"volume":473}}""", 422, "volume")]
    [InlineData("{}", 422, "volume")]
    [InlineData("""{"volume":"500"}""", 422, "volume")]
    [InlineData("""{"volume":null}""", 422, "volume")]
    [InlineData("""{"volume":true}""", 422, "volume")]
    [InlineData("""{"volume":99.999}""", 422, "volume")]
    [InlineData("""{"volume":1000.0001}""", 422, "volume")]
    [InlineData("""{"volume":null,"pulses":null}""", 422, "volume")]
    [InlineData("""{"pulses":0}""", 422, "pulses")]
    [InlineData("""{"pulses":1000001}""", 422, "pulses")]
    [InlineData("""{"pulses":-1}""", 422, "pulses")]
    [InlineData("""{"pulses":212.5}""", 422, "pulses")]
    [InlineData("""{"pulses":"213"}""", 422, "pulses")]
    [InlineData("""{"pulses":1e40}""", 422, "pulses")]
    [InlineData("""{"pulses":0,"pouredAt":"x"}""", 422, "pouredAt")]
    [InlineData("""{"volume":50,"pulses":213}""", 422, "volume")]
    [InlineData("""{"volume":473,"pulses":212.5}""", 422, "pulses")]
    [InlineData("""{"volume":473,"purpose":"gift"}""", 422, "purpose")]
    [InlineData("""{"volume":473,"purpose":"Foam"}""", 422, "purpose")]
    [InlineData("""{"volume":473,"purpose":""}""", 422, "purpose")]
    [InlineData("""{"volume":473,"purpose":2}""", 422, "purpose")]
    [InlineData("""{"volume":473,"id":"7"}""", 422, "id")]
    [InlineData("""{"volume":473,"id":7}""", 422, "id")]
    [InlineData("""{"volume":473,"tapId":0}""", 422, "tapId")]
    [InlineData("""{"volume":473,"tapId":1.5}""", 422, "tapId")]
    [InlineData("""{"volume":473,"tapId":"1"}""", 422, "tapId")]
    [InlineData("""{"volume":473,"tapId":99999999999}""", 422, "tapId")]
    [InlineData("""{"volume":473,"pouredAt":"2026-05-01T18:15:30"}""", 422, "pouredAt")]
    [InlineData("""{"volume":473,"pouredAt":"2026-05-01"}""", 422, "pouredAt")]
    [InlineData("""{"volume":473,"pouredAt":"2026-13-01T18:15:30Z"}""", 422, "pouredAt")]
    [InlineData("""{"volume":473,"pouredAt":1777659330}""", 422, "pouredAt")]
    public void A_bad_report_is_refused_with_the_member_at_fault(string json, int status, string? member)
    {
        Assert.False(PourReport.TryParse(Encoding.UTF8.GetBytes(json), out var report, out var refusal));

        Assert.Null(report);
        Assert.Equal((status, member), (refusal.Status, refusal.Member));
        Assert.EndsWith(refusal.Reason == GlassTypes.OutOfRange ? "volume" : ".", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_pulses_and_a_volume_the_volume_counts_and_of_pulses_alone_none_is_known_yet()
    {
        Assert.True(PourReport.TryParse("""{"pulses":213,"odometer":90210}"""u8.ToArray(), out var report, out _));
        var pour = report.ToPour(Guid.NewGuid(), 7, DateTimeOffset.UtcNow);
        Assert.Equal((null, null, 213, 90210, true), (pour.VolumeMl, pour.Glass, pour.Pulses, pour.Odometer, pour.VolumeDerived));

        Assert.True(PourReport.TryParse("""{"volume":300,"pulses":213}"""u8.ToArray(), out report, out _));
        pour = report.ToPour(Guid.NewGuid(), 7, DateTimeOffset.UtcNow);
        Assert.Equal((300, GlassType.Half, 213, null, false), (pour.VolumeMl, pour.Glass, pour.Pulses, pour.Odometer, pour.VolumeDerived));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_wherever_they_stand() =>
        Assert.False(PourReport.TryParse(Encoding.Latin1.GetBytes("""{"volume":473,"note":"Weißbier"}"""), out _, out _));

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        var json = $$"""{"volume":473,"x":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";

        Assert.False(PourReport.TryParse(Encoding.UTF8.GetBytes(json), out _, out var refusal));
        Assert.Equal(400, refusal.Status);
    }

    [Theory]
    [InlineData("6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f", null)]
    [InlineData("6B1C2F0E-8A2B-4C57-9F5E-0D9A1C3B5E7F", "6B1C2F0E-8A2B-4C57-9F5E-0D9A1C3B5E7F")]
    [InlineData("\\u0036b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f", "6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f")]
    public void An_id_is_kept_as_it_was_sent_where_we_write_it_otherwise(string sent, string? kept)
    {
        Assert.True(PourReport.TryParse(Encoding.UTF8.GetBytes($$"""{"volume":473,"id":"{{sent}}"}"""), out var report, out _));

        Assert.Equal((Guid.Parse("6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f"), kept), (report.Id, report.IdAsSent));
    }

    [Fact]
    public void A_time_may_have_any_number_of_digits_after_the_second()
    {
        var json = $$"""{"volume":473,"pouredAt":"2026-05-01T18:15:30.5{{new string('0', 5_000)}}Z"}""";
        Assert.True(PourReport.TryParse(Encoding.UTF8.GetBytes(json), out var report, out _));

        Assert.Equal(DateTimeOffset.Parse("2026-05-01T18:15:30.5Z"), report.PouredAt);
    }

    [Fact]
    public void A_pour_without_a_time_of_its_own_was_poured_when_it_was_received()
    {
        var receivedAt = DateTimeOffset.UtcNow;
        Assert.True(PourReport.TryParse("""{"volume":473}"""u8.ToArray(), out var report, out _));

        Assert.Equal(receivedAt, report.ToPour(Guid.NewGuid(), 7, receivedAt).PouredAt);
    }
}

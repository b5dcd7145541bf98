using System.Text.Json;

namespace Tap.Simulator.Evening;

/// <summary>Reads from the reports what became of the beer of an evening, as somebody does who looks for it, and sets beside it what really did.</summary>
internal sealed class EveningReport(
    EveningApi api,
    IReadOnlyList<EveningTap> taps,
    DateTimeOffset from,
    DateTimeOffset to,
    TimeSpan patience,
    TimeProvider time
)
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(250);

    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Reads it: foam is accepted as it is proposed, the first tap is calibrated by its first pour, and the till has forgotten what is left.</summary>
    public async Task<IReadOnlyList<EveningFinding>> ReadAsync(CancellationToken cancellationToken)
    {
        var findings = new List<EveningFinding>();
        foreach (var tap in taps)
        {
            await UntilAsync(async () => await api.PoursAsync(tap.Tap.Id, cancellationToken) == tap.Pours.Count, cancellationToken);
            findings.AddRange(await UnaccountedAsync(tap, cancellationToken));
        }

        var foamy = taps.Where(tap => tap.FoamMl > 0).ToList();
        var before = await VarianceAsync();
        await UntilAsync(
            async () =>
            {
                before = await VarianceAsync();
                return foamy.TrueForAll(tap => Foam(tap).IsGood);
            },
            cancellationToken
        );
        findings.AddRange(foamy.Select(Foam));
        foreach (var tap in foamy)
        {
            await api.AcceptAsync(tap.Tap.Id, cancellationToken);
        }

        var wrong = taps.Where(tap => tap.MiscountedMl != 0).ToList();
        foreach (var tap in wrong)
        {
            await api.MeasureAsync(tap.Tap.Id, tap.Pours[0].Id, tap.Pours[0].NominalMl, from, cancellationToken);
        }

        var after = await VarianceAsync();
        findings.AddRange(
            wrong.Select(tap => new EveningFinding(
                $"wrong calibration, tap {tap.Tap.Name}",
                tap.MiscountedMl,
                Of(after, tap, "difference") - Of(before, tap, "difference")
            ))
        );
        findings.Add(
            new EveningFinding("forgotten sales, all taps", taps.Sum(tap => tap.ForgottenMl), taps.Sum(tap => Of(after, tap, "difference")))
        );
        return findings;

        Task<Dictionary<int, JsonElement>> VarianceAsync() => api.VarianceAsync(from, to, cancellationToken);

        EveningFinding Foam(EveningTap tap) => new($"foam, tap {tap.Tap.Name}", tap.FoamMl, Of(before, tap, "proposed"));
    }

    // The last reading may still be on its way when the last pour is stored.
    private async Task<IEnumerable<EveningFinding>> UnaccountedAsync(EveningTap tap, CancellationToken cancellationToken)
    {
        IReadOnlyList<EveningFinding> found = [];
        await UntilAsync(
            async () =>
            {
                var unaccounted = await api.UnaccountedAsync(tap.Tap.Id, from, to, cancellationToken);
                var isReset = unaccounted.GetProperty("resets").GetInt32() == tap.Resets;
                var volumeMl = unaccounted.GetProperty("volumeMl").GetDecimal();
                found = [new EveningFinding($"{CauseOf(tap)}, tap {tap.Tap.Name}", tap.UnaccountedMl, isReset ? volumeMl : null)];
                return found[0].IsGood;
            },
            cancellationToken
        );
        return found;
    }

    private static string CauseOf(EveningTap tap) =>
        tap.UnaccountedPulses > 0 ? "leak or drips"
        : tap.Resets > 0 ? "nothing, over a reset"
        : "nothing";

    private static decimal Of(Dictionary<int, JsonElement> rows, EveningTap tap, string column) =>
        rows.TryGetValue(tap.Tap.Id, out var row) ? row.GetProperty(column).GetDecimal() : 0;

    private async Task UntilAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        while (!await isSo() && time.GetElapsedTime(_startedAt) < patience)
        {
            await Task.Delay(PollPeriod, time, cancellationToken);
        }
    }
}

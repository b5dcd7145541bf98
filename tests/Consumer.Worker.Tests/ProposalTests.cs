using Taproom.Pours;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class ProposalTests(Servers servers)
{
    [Fact]
    public async Task Short_flows_one_after_the_other_at_the_end_of_a_keg_are_proposed_to_be_foam_once()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        // Their last 500 mL are their end.
        await worker.TapKegAsync(7, 10_000);
        await worker.TapKegAsync(8, 10_000);
        await worker.ExecuteSqlAsync("UPDATE tappings SET tapped_at = now() - interval '3 hours'");
        var start = DateTimeOffset.UtcNow.AddHours(-2);
        var seconds = 0;
        // While there is much in it these are small glasses.
        foreach (var volume in (int[])[150, 150, 150, .. Enumerable.Repeat(1_000, 9), 120, 100, 110])
        {
            await PourAsync(7, volume, seconds += 20);
        }

        // Not short, not one after the other, and two only.
        var others = Enumerable.Repeat((1_000, 20), 9);
        foreach (var (volume, pause) in ((int, int)[])[.. others, (700, 20), (300, 20), (120, 90), (120, 90), (120, 90), (120, 20)])
        {
            await PourAsync(8, volume, seconds += pause);
        }

        await worker.TurnAsync();
        Assert.All(await worker.PoursAsync(), pour => Assert.Null(pour.ProposedPurpose));
        Assert.Equal(3, await ProposeAsync());
        Assert.Equal(0, await ProposeAsync());

        var foam = (await worker.PoursAsync()).FindAll(pour => pour.ProposedPurpose is not null);
        Assert.Equal([120, 100, 110], foam.Select(pour => pour.VolumeMl));
        Assert.All(
            foam,
            pour =>
                Assert.Equal(
                    (Purpose.Sale, Purpose.Foam, PurposeRule.KegEnd, 7),
                    (pour.Purpose, pour.ProposedPurpose!.Value, pour.PurposeRule!.Value, pour.TapId)
                )
        );

        // What a person has answered is not proposed again.
        Assert.True(await AnswerAsync(foam[0].Id, isAccepted: false));
        Assert.False(await AnswerAsync(foam[0].Id, isAccepted: true));
        Assert.True(await AnswerAsync(foam[1].Id, isAccepted: true));
        await worker.QueryAsync(db =>
            new PourStore(db, new EntryStore(db)).SetPurposeAsync(foam[2].Id, Purpose.Taster, null, CancellationToken.None)
        );
        Assert.Equal(0, await ProposeAsync());
        Assert.Equal(
            [Purpose.Sale, Purpose.Foam, Purpose.Taster],
            (await worker.PoursAsync()).FindAll(pour => foam.Exists(item => item.Id == pour.Id)).Select(pour => pour.Purpose)
        );
        Assert.Empty(await StoredRules.BrokenAsync(worker.Settings["ConnectionStrings:taproomdb"]!));

        Task PourAsync(int tap, int volume, int second) =>
            worker.AppendAsync($$"""{"volume":{{volume}},"pouredAt":"{{start.AddSeconds(second):O}}"}""", $"{tap}");

        Task<int> ProposeAsync() => worker.Get<ProposalWatch>().TurnAsync(CancellationToken.None);

        Task<bool> AnswerAsync(Guid id, bool isAccepted) =>
            worker.QueryAsync(db => new Proposals(db).AnswerAsync(id, isAccepted, "seen", CancellationToken.None));
    }

    [Fact]
    public async Task What_is_poured_while_a_tap_is_being_cleaned_is_cleaning_and_what_was_stored_before_is_proposed_to_be()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync("INSERT INTO taps (id) VALUES (7), (8)");
        var now = DateTimeOffset.UtcNow;
        await PourAsync(7, -30);
        await PourAsync(7, -10);
        await PourAsync(7, -9, ""","purpose":"taster" """);
        await PourAsync(8, -10);
        await worker.TurnAsync();

        var begun = await worker.QueryAsync(db => new Cleanings(db).BeginAsync(7, now.AddMinutes(-20), null, CancellationToken.None));
        Assert.Equal(1, begun!.Value.Proposed);
        await PourAsync(7, 1);
        await PourAsync(7, 2, ""","purpose":"spill" """);
        await PourAsync(8, 1);
        // A late one of before it.
        await PourAsync(7, -40);
        await worker.TurnAsync();
        Assert.Equal(
            [
                (7, Purpose.Sale, null, null),
                (7, Purpose.Sale, Purpose.Cleaning, PurposeRule.CleaningWindow),
                (7, Purpose.Taster, null, null),
                (7, Purpose.Cleaning, null, PurposeRule.CleaningWindow),
                (7, Purpose.Spill, null, null),
                (7, Purpose.Sale, null, null),
                (8, Purpose.Sale, null, null),
                (8, Purpose.Sale, null, null),
            ],
            await PurposesAsync()
        );

        // Until now, whatever was poured later; a late one of the time is cleaning still.
        Assert.True(await worker.QueryAsync(db => new Cleanings(db).EndAsync(7, CancellationToken.None)));
        Assert.False(await worker.QueryAsync(db => new Cleanings(db).EndAsync(7, CancellationToken.None)));
        await PourAsync(7, 3);
        await PourAsync(7, -5);
        await worker.TurnAsync();
        Assert.Equal([Purpose.Sale, Purpose.Cleaning], (await PurposesAsync()).Where(pour => pour.Item1 == 7).TakeLast(2).Select(pour => pour.Item2));
        Assert.Equal(
            1,
            await worker.QueryAsync(db =>
                new Proposals(db).AnswerAsync(7, now.AddMinutes(-15), now, isAccepted: true, "The line was cleaned", CancellationToken.None)
            )
        );
        Assert.Equal((7, Purpose.Cleaning, null, PurposeRule.CleaningWindow), (await PurposesAsync())[1]);
        Assert.Null(await worker.QueryAsync(db => new Cleanings(db).BeginAsync(9, null, null, CancellationToken.None)));

        Task PourAsync(int tap, int minutes, string more = "") =>
            worker.AppendAsync($$"""{"volume":300,"pouredAt":"{{now.AddMinutes(minutes):O}}"{{more}}}""", $"{tap}");

        async Task<List<(int, Purpose, Purpose?, PurposeRule?)>> PurposesAsync() =>
            [
                .. (await worker.PoursAsync())
                    .OrderBy(pour => pour.TapId)
                    .Select(pour => (pour.TapId, pour.Purpose, pour.ProposedPurpose, pour.PurposeRule)),
            ];
    }
}

using System.Diagnostics;
using Consumer.Worker;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SchemaTests(Servers servers)
{
    [Fact]
    public async Task Workers_that_start_together_on_an_empty_database_make_the_schema_once()
    {
        await using var first = await Worker.CreateAsync(servers, await EmptyAsync());
        Worker[] workers = [first, .. Enumerable.Range(0, 3).Select(_ => first.Sibling())];

        await Task.WhenAll(workers.Select(worker => worker.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None)));

        var applied = await first.QueryAsync(async db => (await db.Database.GetAppliedMigrationsAsync()).ToList());
        var known = await first.QueryAsync(db => Task.FromResult(db.Database.GetMigrations().ToList()));
        Assert.NotEmpty(known);
        Assert.Equal(known, applied);
        foreach (var worker in workers.Skip(1))
        {
            await worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_first_upgrade_of_all_asks_for_nothing_that_is_not_there_yet()
    {
        using var spans = new RecordedSpans("Consumer.Worker", "Npgsql");
        await using var worker = await Worker.CreateAsync(servers, await EmptyAsync());

        await worker.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);

        var upgrade = Assert.Single(spans.Ended, span => span.OperationName == "upgrade schema");
        var statements = spans.Ended.Where(span => span.TraceId == upgrade.TraceId && span != upgrade).ToList();
        Assert.NotEmpty(statements);
        Assert.All(statements, statement => Assert.NotEqual(ActivityStatusCode.Error, statement.Status));
    }

    [Fact]
    public async Task The_model_has_no_change_that_is_not_migrated()
    {
        await using var worker = await Worker.CreateAsync(servers);

        // Else: dotnet ef migrations add NameOfTheChange --project Taproom --startup-project Consumer.Worker
        Assert.False(await worker.QueryAsync(db => Task.FromResult(db.Database.HasPendingModelChanges())));
    }

    [Fact]
    public async Task An_upgrade_of_a_database_that_is_up_to_date_keeps_its_pours()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();

        await using var next = worker.Sibling();
        await next.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);

        Assert.Single(await next.PoursAsync());
    }

    [Fact]
    public async Task Pours_that_were_restored_from_another_server_are_listed_at_once_and_first()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var restored = await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync("UPDATE pours SET tx = '1000000000000'");
        var own = await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();

        await using var next = worker.Sibling();
        await next.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);

        Assert.Equal([restored.Id, own.Id], await next.QueryAsync(db => db.Pours.InsertedAfter(0, 0).Select(pour => pour.Id).ToListAsync()));
    }

    [Fact]
    public async Task A_webhook_that_was_restored_from_another_server_goes_on_after_what_it_was_told()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var told = await worker.AppendAsync("""{"volume":500}""");
        var untold = await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync(
            $"""
            UPDATE pours SET tx = '1000000000000';
            INSERT INTO webhooks (id, url, kinds, secret, active, edition, created_at, pour_tx, pour_seq, event_tx, event_seq, failures, off_told)
            SELECT gen_random_uuid(), 'https://pos.example/', ARRAY['pour.stored'], '', true, 0, now(), tx, seq, '5', 5, 0, false FROM pours WHERE id = '{told.Id}'
            """
        );

        await using var next = worker.Sibling();
        await next.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        var later = await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();

        var hook = await next.QueryAsync(db => db.Webhooks.SingleAsync());
        Assert.Equal((5UL, 5L), (hook.EventTx, hook.EventSeq));
        Assert.Equal(
            [untold.Id, later.Id],
            await next.QueryAsync(db => db.Pours.InsertedAfter(hook.PourTx, hook.PourSeq).Select(pour => pour.Id).ToListAsync())
        );
    }

    private async Task<(string, string)> EmptyAsync() => ("ConnectionStrings:taproomdb", await servers.Postgres.CreateEmptyDatabaseAsync());
}

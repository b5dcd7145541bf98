using System.CommandLine;
using Benchmarks;
using Benchmarks.Cases;
using Benchmarks.Results;
using Testing;

if (args is [Roles.Verb, var role, var options])
{
    await Roles.PlayAsync(role, options);
    return 0;
}

var named = new Argument<string?>("case") { Description = "one of the cases; all of them without it", Arity = ArgumentArity.ZeroOrOne };
named.AcceptOnlyFromAmong([.. All.Cases.Select(known => known.Name)]);
var smoke = new Option<bool>("--smoke") { Description = "each case in small and in a few seconds: whether it works, not how fast it is" };
var write = new Option<bool>("--write") { Description = "also write the tables of these cases into docs/performance.md" };
var bench = new RootCommand("Measures Taproom beside what bare servers do on the same machine in the same minutes.") { named, smoke, write };
bench.Validators.Add(parsed =>
{
    if (parsed.GetValue(smoke) && parsed.GetValue(write))
    {
        parsed.AddError("Figures of --smoke say nothing about speed, so --write does not write them.");
    }
});
bench.SetAction(
    async (parsed, cancellationToken) =>
    {
        var isSmoke = parsed.GetValue(smoke);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stopping.CancelAfter(isSmoke ? TimeSpan.FromMinutes(5) : TimeSpan.FromHours(3));
        var (servers, results, failed) = (new Servers(), new List<CaseResult>(), 0);
        Run? run = null;
        try
        {
            await servers.InitializeAsync();
            await servers.Postgres.SyncAsync();
            var command = string.Join(' ', ["./bench", .. args]);
            var machine = await Machine.LookAsync(servers.Redis, servers.Postgres);
            run = new Run(servers, isSmoke, stopping.Token);
            foreach (var (name, measure) in All.Cases.Where(known => parsed.GetValue(named) is not { } one || known.Name == one))
            {
                Run.Say(name);
                try
                {
                    var result = new CaseResult(name, command, TimeProvider.System.GetUtcNow(), machine, await measure(run));
                    Console.WriteLine(Table.ToText(result));
                    Artifacts.Save(result, isSmoke);
                    results.Add(result);
                }
                catch (Exception ex) when (!stopping.IsCancellationRequested)
                {
                    // The other cases are worth having.
                    Console.WriteLine($"{name} failed: {ex}");
                    failed++;
                }
            }

            if (parsed.GetValue(write))
            {
                PerformanceDocument.Write(results);
            }
        }
        finally
        {
            await (run?.Shared?.EndAsync() ?? ValueTask.CompletedTask);
            await servers.DisposeAsync();
        }

        return failed == 0 ? 0 : 1;
    }
);
return await bench.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

using Benchmarks.Bare;
using Benchmarks.Load;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>The API: beers that are posted, one by one and together, and reads of few and of very many.</summary>
internal static class Http
{
    private const int Connections = 32;
    private const int Batch = 500;

    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run) => [.. await PostsAsync(run), .. await ReadsAsync(run)];

    private static async Task<IReadOnlyList<Figure>> PostsAsync(Run run)
    {
        var (bares, appends, ones, named, stores, batches) = (
            new List<double>(),
            new List<double>(),
            new List<double>(),
            new List<double>(),
            new List<double>(),
            new List<double>()
        );
        await using var bare = await BareServer.HttpAsync(run);
        await using var appending = await BareServer.HttpAsync(run, appends: true);
        for (var round = 0; round < run.Rounds; round++)
        {
            stores.Add(await Store.DrainAsync(run, run.Either(200_000, 2_000), workers: 1));
            await using var services = await Services.CreateAsync(run);
            await services.StartApiAsync();
            var before = await services.Pours.NewestAsync();
            var post = new HttpLoadOptions(services.ApiPort, Connections, run.Either(15, 0), run.Either(10, 0.2))
            {
                Pours = 1,
                Token = Services.AdminKey,
            };
            bares.Add((await LoadAsync(run, post with { Port = bare.Port })).PerSecond);
            appends.Add((await LoadAsync(run, post with { Port = appending.Port })).PerSecond);
            await BareStores.ClearAsync(run);
            var one = await LoadAsync(run, post);
            var withIds = await LoadAsync(run, post with { WithIds = true });
            var batch = await LoadAsync(run, post with { Pours = Batch, WarmUp = run.Either(3, 0) });
            ones.Add(one.PerSecond);
            named.Add(withIds.PerSecond);
            batches.Add(batch.PerSecond * Batch);

            await services.StartWorkersAsync(1);
            await services.Pours.StoredAsync(
                before,
                one.Succeeded + withIds.Succeeded + (batch.Succeeded * Batch),
                one.Unknown + withIds.Unknown + (batch.Unknown * Batch)
            );
        }

        var ceiling = new Ceiling("bare minimal API", bares);
        return
        [
            new($"POST a beer, {Connections} connections", "pours/s", ones) { Against = ceiling, MustReach = Bound.AtLeast(0.35) },
            new("POST a beer with an id of its own", "pours/s", named) { Against = ceiling },
            new("POST to a bare minimal API that only appends, and notes where", "pours/s", appends) { Against = ceiling },
            new($"POST {Batch} beers together", "pours/s", batches) { Against = new("one worker stores", stores), MustReach = Bound.AtLeast(0.6) },
        ];
    }

    private static async Task<IReadOnlyList<Figure>> ReadsAsync(Run run)
    {
        int[] sizes = run.Either<int[]>([1_000, 100_000, 10_000_000], [1_000, 2_000]);
        var apis = new List<Services>();
        try
        {
            foreach (var size in sizes)
            {
                Run.Say($"Making {size:N0} pours");
                apis.Add(size == sizes[^1] ? await Services.CreateAsync(run) : await Services.OwnAsync(run));
                await apis[^1].Pours.FillAsync(size);
                await apis[^1].StartApiAsync();
            }

            var reads = await Task.WhenAll(apis.Select(api => PathsAsync(api.Pours)));
            var rates = reads[0].Select(_ => sizes.Select(_ => new List<double>()).ToArray()).ToArray();
            for (var round = 0; round < run.Rounds; round++)
            {
                for (var read = 0; read < rates.Length; read++)
                {
                    for (var n = 0; n < sizes.Length; n++)
                    {
                        var options = new HttpLoadOptions(apis[n].ApiPort, 8, run.Either(1, 0), run.Either(2, 0.1)) { Paths = reads[n][read].Paths };
                        rates[read][n].Add((await LoadAsync(run, options)).PerSecond);
                    }
                }
            }

            return
            [
                .. rates.SelectMany(
                    (bySize, read) =>
                        sizes
                            .Zip(bySize)
                            .Skip(1)
                            .Select(size => new Figure($"GET {reads[0][read].Name} at {size.First:N0} pours", "reads/s", size.Second)
                            {
                                Against = new($"at {sizes[0]:N0}", bySize[0]),
                                MustReach = size.First == sizes[^1] ? Bound.AtLeast(0.7) : null,
                            })
                ),
            ];
        }
        finally
        {
            foreach (var api in apis)
            {
                await api.DisposeAsync();
            }
        }
    }

    private static async Task<IReadOnlyList<(string Name, string[] Paths)>> PathsAsync(PourTable pours)
    {
        var ids = await pours.SampleAsync(200);
        string[] taps = [.. Enumerable.Range(1, 64).Select(tap => $"/api/beers?page_size=10&tap={tap}")];
        return
        [
            ("by id", [.. ids.Select(id => $"/api/beers/{id}")]),
            ("by type", ["/api/beers?type=half", "/api/beers?type=pint", "/api/beers?type=stein"]),
            ("by tap, 10 beers", taps),
            ("first page", ["/api/beers"]),
            // A thousand pours have a thousandth page only of one beer each.
            ("1,000th page of one beer", ["/api/beers?page=1000&page_size=1"]),
        ];
    }

    private static async Task<HttpLoadResult> LoadAsync(Run run, HttpLoadOptions options)
    {
        await using var load = Child.Start(Roles.HttpLoad, options, ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1"));
        var result = await load.ReadAsync<HttpLoadResult>(run.Stopping);
        if (result.Unknown > 0)
        {
            Run.Say($"{result.Unknown:N0} requests beside {result.Succeeded:N0} were answered with 503");
        }

        return result;
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Requests that were good until something happened to them. <see cref="Fuzz"/> says how to try millions.</summary>
[Collection(nameof(ServersCollection))]
public sealed class FuzzTests(Servers servers)
{
    private const string Id = "0199f5a0-0000-7000-8000-000000000001";

    // Another one than those that are asked for.
    private const string Deleted = "0199f5a0-0000-7000-8000-000000000002";
    private const string Pour = $$"""{"tapId":1,"volume":473.25,"id":"{{Id}}","pouredAt":"2026-11-29T10:00:00Z"}""";

    private static readonly (string Line, string Body)[] Good =
    [
        ("GET /api/beers?page=1&page_size=50&type=pint&tap=1&from=2026-11-28T10:00:00Z&to=2026-11-30&sort=-timestamp", ""),
        ($"GET /api/beers/{Id}", ""),
        ("GET /api/beers/export?format=jsonl&tap=1&purpose=foam", ""),
        ("GET /api/events?email=a@b.example&environment=bar&component=tap&message=Cleaned&from_date=11-29-2026&page_size=5", ""),
        ("GET /api/messages?page_size=500", ""),
        ("GET /api/taps?page_size=10&after=1", ""),
        ("GET /api/kegs", ""),
        ("GET /api/meters/m/readings?page_size=3", ""),
        ("GET /api/stats/hourly?from=2026-11-28&to=2026-11-30", ""),
        ("GET /api/dead-letters?page_size=5&after=1-1", ""),
        ("POST /api/beers", Pour),
        ("POST /api/beers", """{"tapId":2,"volume":100}"""),
        ("POST /api/beers", """{"tapId":1,"pulses":213,"odometer":90210,"durationMs":6400,"purpose":"cleaning"}"""),
        ($"PATCH /api/beers/{Id}", """{"purpose":"foam","reason":"The keg ran empty"}"""),
        ($"PATCH /api/beers/{Id}", """{"proposal":"accept"}"""),
        ("PATCH /api/beers", """{"tapId":1,"proposal":"decline","from":"2026-11-28T10:00:00Z","to":"2026-11-30T10:00:00Z"}"""),
        ("GET /api/beers?proposed=true&tap=1", ""),
        ("PUT /api/taps/1/cleaning", """{"until":"2026-11-29T11:00:00Z","from":"2026-11-29T09:00:00Z"}"""),
        ("GET /api/stats/purposes?from=2026-11-28&to=2026-11-30&tap=1", ""),
        ("GET /api/stats/variance?from=2026-11-28&to=2026-11-30T10:00:00Z&by=hour&format=csv", ""),
        ("POST /api/sales", $$"""[{"id":"{{Id}}","time":"2026-11-29T10:00:00Z","tapId":1,"volumeMl":500.5,"count":2,"price":4.9}]"""),
        ("GET /api/sales?from=2026-11-28&tap=1&page_size=3&after=639000000000000000-0199f5a0-0000-7000-8000-000000000001", ""),
        (
            "POST /api/sales/import?format=csv&dry_run=false&time_column=Datum&number_column=n",
            "Datum;tap;volume;n;price\n\"1.3.2026 20:15\";1;473,25;2;4,90\n"
        ),
        ("POST /api/sales/import?format=jsonl", """{"time":"2026-11-29 10:00","tap":1,"volume":"300"}"""),
        ("POST /api/beers/batch", $$"""[{{Pour}},{"tapId":1,"volume":300,"id":"{{Deleted}}"}]"""),
        ("POST /api/messages", """{"hello":["world",1.5,true,null]}"""),
        ("POST /api/events", """{"component":"tap","data":{"a":[1]},"email":"a@b.example","environment":"bar","message":"Cleaned"}"""),
        ("POST /api/taps", """{"id":3,"name":"Bar left"}"""),
        ("PATCH /api/taps/1", """{"name":"Bar right"}"""),
        ("POST /api/taps/1/commands", """{"command":"open-valve","seconds":5}"""),
        ("POST /api/taps/1/calibrations", """{"pulsesPerLitre":450,"validFrom":"2026-11-28T10:00:00Z"}"""),
        ("POST /api/taps/1/calibrations", $$"""{"pourId":"{{Id}}","measuredMl":473.25}"""),
        ("GET /api/taps/1/calibrations?page_size=10", ""),
        ("GET /api/taps/1/unaccounted?from=2026-11-28&to=2026-11-30", ""),
        ("GET /api/taps/1/readings?from=2026-11-28&to=2026-11-30&page_size=3&after=7", ""),
        ("GET /api/stats/unaccounted?from=2026-11-28&to=2026-11-30", ""),
        ("GET /api/taps/1/connections?from=2026-11-28&to=2026-11-30", ""),
        ("POST /api/kegs", """{"beverage":"Pils","sizeMl":30000}"""),
        ($"PATCH /api/kegs/{Id}", """{"beverage":"Stout","sizeMl":20000,"tareG":9800,"cost":84.5,"empty":true}"""),
        ($"POST /api/kegs/{Id}/readings", """{"grossG":24500,"densityGPerMl":1.01}"""),
        ($"GET /api/kegs/{Id}/yield", ""),
        ("GET /api/kegs?state=ended&page_size=3", ""),
        ("PUT /api/taps/1/keg", """{"beverage":"Stout","sizeMl":20000,"cost":84.5,"empty":true}"""),
        ("GET /api/beverages?archived=false&page_size=3", ""),
        ("POST /api/beverages", """{"name":"Bock","brewery":"A","abvPercent":6.5,"ibu":24,"colorEbc":60.5,"pictureUrl":"https://a.example/b.png"}"""),
        ($"PATCH /api/beverages/{Id}", """{"name":"Bock","style":null,"pricePerLitre":9.8,"archived":true}"""),
        ("PUT /api/taps/1/keg", $$"""{"kegId":"{{Id}}"}"""),
        ("POST /api/meters", """{"id":"002738","kind":"json","address":"http://127.0.0.1:1/","user":"ann","password":"secret","active":false}"""),
        ("PATCH /api/meters/m", """{"user":"bob","active":false}"""),
        (
            "POST /api/webhooks",
            """{"url":"https://pos.invalid/hook","kinds":["pour.stored","event"],"secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","active":false}"""
        ),
        ($"PATCH /api/webhooks/{Id}", """{"url":"https://pos.invalid/","kinds":["alert.began"],"active":false}"""),
        ($"GET /api/webhooks/{Id}/deliveries?page_size=3&after=5", ""),
        ("GET /api/webhooks?page_size=3", ""),
        ($"DELETE /api/beers/{Deleted}", ""),
        ("DELETE /api/taps/3", ""),
        ("POST /api/dead-letters/1-1/requeue", ""),
        ("POST /api/dead-letters/requeue?tap=x&reason=y", ""),
    ];

    // 400, where it is not known what was said.
    private const int Closed = 400;

    [Fact]
    public async Task No_broken_request_is_ever_500_and_nothing_stored_breaks_the_rules()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        await api.PostAsync("/api/meters", """{"id":"m","kind":"json","address":"http://127.0.0.1:1/","user":"a","password":"b","active":false}""");
        var (answers, faults) = (new ConcurrentDictionary<int, int>(), new ConcurrentBag<string>());

        await Parallel.ForEachAsync(
            Enumerable.Range(0, Fuzz.Count(1_000)),
            // Some wait for a pour that was deleted.
            new ParallelOptions { MaxDegreeOfParallelism = 12 },
            async (n, cancellationToken) =>
            {
                var request = Broken(Fuzz.Random(n));
                var status = await StatusAsync(api.Anonymous.BaseAddress!, request, cancellationToken);
                for (var tries = 1; status == 503 && tries < 20; tries++)
                {
                    // A busy machine answers so, too, and then one comes again.
                    status = await StatusAsync(api.Anonymous.BaseAddress!, request, cancellationToken);
                }

                answers.AddOrUpdate(status / 100, 1, (_, count) => count + 1);
                // 505 is the server's own word for a request line that ends too early.
                if (status is < 200 or (>= 500 and not 505))
                {
                    faults.Add($"Seed {Fuzz.Seed}, input {n}: {status} {Encoding.Latin1.GetString(request)}");
                }
            }
        );

        Assert.True(faults.IsEmpty, string.Join("\n\n", faults.Take(10)));
        // Some were still good, and most were not.
        Assert.True(answers[2] > Fuzz.Count(1_000) / 20 && answers[4] > Fuzz.Count(1_000) / 4, string.Join(' ', answers));
        var last = await api.PourAsync(tap: 4);
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{last}")).IsSuccessStatusCode, "the worker is through");
        Assert.Empty(await StoredRules.BrokenAsync(api.Settings["ConnectionStrings:taproomdb"]!));
        Assert.InRange(await ConnectionsAsync(api.Settings["ConnectionStrings:taproomdb"]!), 1, 60);
        Assert.True((await api.Anonymous.GetAsync("/health")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Whatever_another_program_writes_into_the_stream_the_API_can_answer_what_became_of_it()
    {
        await using var api = await Api.StartAsync(servers);
        var keys = api.Services.GetRequiredService<IOptions<IngestOptions>>().Value.StreamKeys();
        var redis = api.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        await Task.WhenAll(
            Enumerable
                .Range(0, Fuzz.Count(500))
                .Select(n => (Random: Fuzz.Random(n), Key: keys[n % keys.Count]))
                .Select(entry => redis.StreamAddAsync(entry.Key, FuzzEntries.Broken(entry.Random)))
        );
        await Eventually.TrueAsync(
            async () => (await Task.WhenAll(keys.Select(key => redis.StreamGroupInfoAsync(key)))).All(groups => groups.All(IsThrough)),
            "the worker is through",
            TimeSpan.FromMinutes(5)
        );

        foreach (
            var list in (string[])
                ["beers", "beers?sort=-timestamp", "taps", "kegs", "meters", "messages", "events", "stats", "stats/hourly", "dead-letters", "line"]
        )
        {
            for (var (path, pages) = ($"/api/{list}", 0); path is not null && pages < 100; pages++)
            {
                var page = path;
                using var response = await Calls.AnsweredAsync(() => api.Admin.GetAsync(page));
                Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                path = Api.NextOf(response);
            }
        }

        var letters = (await api.Admin.GetFromJsonAsync<JsonElement>("/api/dead-letters?page_size=100"))
            .GetProperty("deadLetters")
            .EnumerateArray()
            .ToList();
        Assert.NotEmpty(letters);
        foreach (var letter in letters.Select(letter => letter.GetProperty("id").GetString()))
        {
            using var requeued = await Calls.AnsweredAsync(() => api.PostAsync($"/api/dead-letters/{letter}/requeue", ""));
            Assert.InRange((int)requeued.StatusCode, 200, 499);
        }

        Assert.Empty(await StoredRules.BrokenAsync(api.Settings["ConnectionStrings:taproomdb"]!));

        static bool IsThrough(StreamGroupInfo group) => group.Lag == 0 || group.Name != IngestOptions.StoreGroup;
    }

    private static byte[] Broken(Random random)
    {
        var (line, body) = Good[random.Next(Good.Length)];
        byte[][] lines = [.. Good.Select(good => Encoding.UTF8.GetBytes(good.Line))];
        byte[][] bodies = [.. Good.Select(good => Encoding.UTF8.GetBytes(good.Body)).Where(good => good.Length > 0)];
        var (head, content) = (Encoding.UTF8.GetBytes(line), Encoding.UTF8.GetBytes(body));
        var headers = Encoding.UTF8.GetBytes($"Host: localhost\r\nAuthorization: Bearer {Api.AdminKey}\r\nAccept: application/json");
        switch (random.Next(10))
        {
            // Among broken ones, good ones have something to work on.
            case 0 or 1:
                break;
            case 2:
                headers = Fuzz.Mutate(random, headers, lines);
                break;
            case < 6 when content.Length > 0:
                content = Fuzz.Mutate(random, content, bodies);
                break;
            default:
                // Behind the method, else it would be one that nobody knows.
                var method = line.IndexOf(' ', StringComparison.Ordinal) + 1;
                var target = Fuzz.Mutate(random, head[method..], lines);
                head = [.. head[..method], .. random.Next(4) == 0 ? target : Encoded(target)];
                break;
        }

        return
        [
            .. head,
            .. " HTTP/1.1\r\n"u8,
            .. headers,
            .. Encoding.ASCII.GetBytes($"\r\nConnection: close\r\nContent-Length: {content.Length}\r\n\r\n"),
            .. content,
        ];
    }

    // As a client writes it, so that it gets further than to the server's parser.
    private static byte[] Encoded(byte[] target) =>
        [
            .. target.SelectMany(one =>
                char.IsAsciiLetterOrDigit((char)one) || "/?&=%-_.:@+".Contains((char)one) ? [one] : Encoding.ASCII.GetBytes($"%{one:X2}")
            ),
        ];

    // The status of the first answer.
    private static async Task<int> StatusAsync(Uri address, byte[] request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        await using var stream = client.GetStream();
        var status = new byte[12];
        try
        {
            await stream.WriteAsync(request, cancellationToken);
            await stream.ReadExactlyAsync(status, cancellationToken);
        }
        catch (Exception ex) when (ex is IOException or SocketException)
        {
            // Closed while it was still being sent, which can cost the answer.
            return Closed;
        }

        return int.Parse(Encoding.ASCII.GetString(status)[9..], CultureInfo.InvariantCulture);
    }

    private static async Task<long> ConnectionsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}

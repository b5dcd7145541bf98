using System.Text;
using StackExchange.Redis;

namespace Testing;

/// <summary>Entries of the ingest stream as another program may write them: good ones to which something happened.</summary>
public static class FuzzEntries
{
    private static readonly (string Kind, string Tap, string Body)[] Good =
    [
        ("pour", "7", """{"volume":473.25,"pouredAt":"2026-11-29T10:00:00Z","seq":7,"pulses":2100}"""),
        ("pour", "8", """{"id":"0199f5a0-0000-7000-8000-000000000001","volume":100}"""),
        ("reading", "7", """{"temperatureC":4.5,"pressureKPa":101.3}"""),
        ("reading", "meter:002738", """{"demandW":-785}"""),
        ("event", "7", """{"component":"tap","environment":"bar","message":"Cleaned","data":{"a":[1,null]},"email":"a@b.example"}"""),
        ("message", "", """{"hello":["world",1.5,true]}"""),
    ];

    /// <summary>The fields of one; mostly one thing is wrong with it.</summary>
    /// <param name="random">The source of chance.</param>
    public static NameValueEntry[] Broken(Random random)
    {
        var (kind, tap, body) = Good[random.Next(Good.Length)];
        byte[][] others = [.. Good.SelectMany(good => new[] { good.Kind, good.Tap, good.Body }).Select(Encoding.UTF8.GetBytes)];
        List<NameValueEntry> fields =
        [
            // Of few ids, so that some come again, from the same and from another tap.
            new("id", new Guid(random.Next(1, 500), 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1).ToString()),
            new("kind", kind),
            new("tap", tap),
            new("at", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
            new("body", body),
        ];
        for (var changes = random.Next(4) == 0 ? 2 : 1; changes > 0; changes--)
        {
            var at = random.Next(fields.Count);
            switch (random.Next(10))
            {
                case 0:
                    fields.RemoveAt(at);
                    break;
                case 1:
                    fields.Insert(at, new(Fuzz.Mutate(random, (byte[])fields[at].Name!, others), fields[at].Value));
                    break;
                case 2:
                    fields.Add(new(fields[at].Name, others[random.Next(others.Length)]));
                    break;
                default:
                    fields[at] = new(fields[at].Name, Fuzz.Mutate(random, (byte[])fields[at].Value!, others));
                    break;
            }
        }

        // Redis takes no entry without a field.
        return fields.Count > 0 ? [.. fields] : [new("x", "")];
    }
}

using System.Globalization;

namespace Testing;

/// <summary>
/// Seeded mutation of good inputs. <c>TAPROOM_FUZZ</c> is how many inputs each fuzz test makes, a few by default; <c>TAPROOM_FUZZ_SEED</c>
/// chooses others than every run has.
/// </summary>
public static class Fuzz
{
    // Lengths and values at the edges of what one and two bytes hold.
    private static readonly byte[] Edges = [0, 1, 0x7F, 0x80, 0xFE, 0xFF];
    private static readonly byte[][] Pieces =
    [
        [0xC0, 0x80],
        [0xED, 0xA0, 0x80],
        [0xEF, 0xBF, 0xBE],
        [0xFF, 0xFF, 0xFF, 0x7F],
        [0x80, 0x80, 0x80, 0x80, 0x01],
        .. new[]
        {
            "#",
            "+",
            "/",
            "$SYS/",
            "../",
            "\0",
            "\"",
            "{",
            "}",
            "[[[[[[[[",
            "1e999",
            "-0",
            "0.1234567890123456789012345678901",
            "\\u0000",
            "\\ud800",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
    ];

    /// <summary>How many inputs to make.</summary>
    /// <param name="few">The number without <c>TAPROOM_FUZZ</c>.</param>
    public static int Count(int few) => Read("TAPROOM_FUZZ") ?? few;

    /// <summary>The source of chance; the same inputs for the same seed and number.</summary>
    /// <param name="n">The number of the input: each can be made again alone.</param>
    public static Random Random(int n) => new(HashCode(Seed, n));

    /// <summary>The seed, for messages.</summary>
    public static int Seed { get; } = Read("TAPROOM_FUZZ_SEED") ?? 20261129;

    /// <summary>Changes one to eight places of an input.</summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="input">A good input, or one that was changed before.</param>
    /// <param name="others">Good inputs to take pieces of.</param>
    public static byte[] Mutate(Random random, byte[] input, IReadOnlyList<byte[]> others)
    {
        var bytes = new List<byte>(input);
        for (var changes = random.Next(1, 9); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = random.Next(2) == 0 ? Edges[random.Next(Edges.Length)] : (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 5:
                    var other = others[random.Next(others.Count)];
                    var from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other[from..random.Next(from, other.Length + 1)]);
                    break;
                case 6 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 7 when random.Next(16) == 0:
                    bytes.InsertRange(at, Enumerable.Repeat(Edges[random.Next(Edges.Length)], random.Next(1, 5_000)));
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. bytes];
    }

    // System.HashCode differs from run to run.
    private static int HashCode(int seed, int n) => unchecked((seed * 397) ^ (n * 16777619));

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}

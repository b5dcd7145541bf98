using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A default made of random characters.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // The alphabets leave out what people mistake for one another and what needs quoting.
    private const string LowerSet = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperSet = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericSet = "0123456789";
    private const string SpecialSet = "-_.{}~()*+!";
    private const int ShortestLength = 22;

    /// <summary>At least this many characters.</summary>
    public int MinLength { get; set; }

    /// <summary>Use lower-case letters.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Use upper-case letters.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Use digits.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Use punctuation.</summary>
    public bool Special { get; set; } = true;

    /// <summary>At least this many lower-case letters.</summary>
    public int MinLower { get; set; }

    /// <summary>At least this many upper-case letters.</summary>
    public int MinUpper { get; set; }

    /// <summary>At least this many digits.</summary>
    public int MinNumeric { get; set; }

    /// <summary>At least this many punctuation characters.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override string GetDefaultValue()
    {
        (bool Used, string Set, int Least)[] classes =
            [(Lower, LowerSet, MinLower), (Upper, UpperSet, MinUpper), (Numeric, NumericSet, MinNumeric), (Special, SpecialSet, MinSpecial)];
        var all = string.Concat(classes.Where(c => c.Used).Select(c => c.Set));
        List<char> drawn = [.. classes.Where(c => c.Used).SelectMany(c => RandomNumberGenerator.GetItems<char>(c.Set, c.Least))];
        var length = MinLength > 0 ? MinLength : ShortestLength;
        drawn.AddRange(RandomNumberGenerator.GetItems<char>(all, Math.Max(0, length - drawn.Count)));
        var characters = drawn.ToArray();
        RandomNumberGenerator.Shuffle<char>(characters);
        return new string(characters);
    }

    /// <summary>Not done by the stand-in.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void WriteToManifest(ManifestPublishingContext context) =>
        throw StandIn.NotSupported(nameof(GenerateParameterDefault) + "." + nameof(WriteToManifest));
}

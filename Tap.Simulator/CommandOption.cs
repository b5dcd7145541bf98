using System.Globalization;

namespace Tap.Simulator;

/// <summary>One option of the command line.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Key">The configuration key behind it.</param>
/// <param name="Takes">What its value is; null for an option that stands alone.</param>
/// <param name="About">What it does, with unit and default.</param>
/// <param name="Alone">The value of an option that stands alone.</param>
internal sealed record CommandOption(string Name, string Key, OptionValue? Takes, string About, string Alone = "true")
{
    /// <summary>The configuration's value for what was written.</summary>
    /// <exception cref="UsageException">It is no such value.</exception>
    public string Read(string text) =>
        Takes switch
        {
            OptionValue.Integer when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => text,
            OptionValue.Integer => throw No(text, "a whole number"),
            OptionValue.Number when double.IsFinite(ToDouble(text)) => text,
            OptionValue.Number => throw No(text, "a number"),
            OptionValue.Chance when ToDouble(text) is >= 0 and <= 1 => text,
            OptionValue.Chance => throw No(text, "a chance, 0 to 1"),
            OptionValue.Duration => ReadDuration(text),
            OptionValue.Address when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 => text,
            // It may hold a password.
            OptionValue.Address => throw new UsageException($"{Name} takes an address with its scheme."),
            _ => text,
        };

    private string ReadDuration(string text)
    {
        if (ToDouble(text.TrimEnd('s')) is > 0 and < int.MaxValue and var seconds)
        {
            return TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture);
        }

        return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _)
            ? text
            : throw No(text, "seconds, like 20s, or hours:minutes:seconds");
    }

    private static double ToDouble(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private UsageException No(string text, string expected) => new($"{Name} takes {expected}, not '{text}'.");
}

/// <summary>What an option takes, by the word that the help has for it.</summary>
internal enum OptionValue
{
    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A probability, 0 to 1.</summary>
    Chance,

    /// <summary>Seconds, or a time span.</summary>
    Duration,

    /// <summary>An absolute URI.</summary>
    Address,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>Any text.</summary>
    Text,
}

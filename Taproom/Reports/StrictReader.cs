using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Taproom.Reports;

/// <summary>Goes through JSON from outside once, token by token, by the rules of <see cref="StrictJson"/>; the first that is broken ends it.</summary>
internal ref struct StrictReader
{
    // A double holds every number of fewer digits.
    private const int DigitsOfInfinity = 309;

    private readonly ReadOnlySpan<byte[]> _known;
    private readonly int _depth;
    private ReadOnlySpan<byte> _name;
    private MemberNames _names;

    /// <summary>The reader, to take values from; it is moved by this type only.</summary>
    public Utf8JsonReader Json;

    /// <summary>Begins before the first token.</summary>
    /// <param name="utf8">The document, UTF-8.</param>
    /// <param name="known">Names that <see cref="ReadMember"/> looks for.</param>
    /// <param name="depth">How deep they stand: 1 in the outermost object.</param>
    public StrictReader(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte[]> known = default, int depth = 1)
    {
        _known = known;
        _depth = depth;
        _names = new MemberNames(utf8);
        Json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = StrictJson.MaxDepth });
        Refusal = Utf8.IsValid(utf8) ? null : Refusal.Malformed(null, "The body is not valid UTF-8.");
    }

    /// <summary>Why the document is refused (always status 400); null as long as nothing speaks against it.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Goes to the next token.</summary>
    /// <returns>False at the end, and where a rule is broken.</returns>
    public bool Read()
    {
        if (Refusal is not null)
        {
            return false;
        }

        try
        {
            if (!Json.Read())
            {
                return false;
            }

            Refusal = Json.TokenType switch
            {
                JsonTokenType.StartObject => Open(),
                JsonTokenType.PropertyName or JsonTokenType.String when Json.ValueIsEscaped && HasLoneSurrogate(Json.ValueSpan) => Refusal.Malformed(
                    null,
                    "The body has half of a surrogate pair, which is no Unicode character."
                ),
                JsonTokenType.PropertyName when IsRepeated() => Invalid,
                JsonTokenType.Number when IsInfinite() => TooLarge(),
                _ => null,
            };
        }
        catch (JsonException)
        {
            Refusal = Invalid;
        }

        return Refusal is null;
    }

    /// <summary>Goes to the value of the next known member of the object that it is in; the others are passed over, by the same rules.</summary>
    /// <param name="member">Its place in the list of names.</param>
    /// <returns>False at the end of the object, and where a rule is broken.</returns>
    public bool ReadMember(out int member)
    {
        member = -1;
        while (Read() && Json.CurrentDepth >= _depth)
        {
            if (Json.TokenType is JsonTokenType.PropertyName && Json.CurrentDepth == _depth && (member = FindKnown()) >= 0)
            {
                return Read();
            }
        }

        return false;
    }

    /// <summary>Goes to the end of the value that it is at the beginning of.</summary>
    public void Skip()
    {
        if (Json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var depth = Json.CurrentDepth;
            while (Read() && Json.CurrentDepth > depth) { }
        }
    }

    /// <summary>Goes to the end of the document.</summary>
    public void ReadToEnd()
    {
        while (Read()) { }
    }

    private static Refusal Invalid => Refusal.Malformed(null, "The body is not valid JSON, repeats a member or is nested too deeply.");

    private Refusal? Open()
    {
        var depth = Json.CurrentDepth + 1;
        if (depth == _depth)
        {
            _names.Clear();
        }

        _names.Open(depth);
        return null;
    }

    private bool IsRepeated()
    {
        _name = Json.CurrentDepth == _depth ? Json.ValueSpan : _name;
        return !_names.Add(ref Json);
    }

    private readonly int FindKnown()
    {
        for (var n = 0; n < _known.Length; n++)
        {
            if (Json.ValueTextEquals(_known[n]))
            {
                return n;
            }
        }

        return -1;
    }

    private readonly bool IsInfinite() =>
        (Json.ValueSpan.Length >= DigitsOfInfinity || Json.ValueSpan.ContainsAny((byte)'e', (byte)'E')) && double.IsInfinity(Json.GetDouble());

    private readonly Refusal TooLarge()
    {
        var name = Json.CurrentDepth < _depth || _name.IsEmpty ? null : JsonSerializer.Deserialize<string>([(byte)'"', .. _name, (byte)'"']);
        return Refusal.Malformed(name, name is null ? "A number in the body is too large." : $"A number in '{name}' is too large.");
    }

    // The parser accepts an escaped one, and reading the text then throws.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> text)
    {
        var highBefore = false;
        while (text.IndexOf((byte)'\\') is var at and >= 0)
        {
            if (highBefore && at > 0)
            {
                return true;
            }

            text = text[at..];
            var isUnit = text[1] == (byte)'u';
            var unit = isUnit ? (char)ushort.Parse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : default;
            if (char.IsLowSurrogate(unit) != highBefore)
            {
                return true;
            }

            highBefore = char.IsHighSurrogate(unit);
            text = text[(isUnit ? 6 : 2)..];
        }

        return highBefore;
    }
}

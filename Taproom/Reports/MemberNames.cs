using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Taproom.Reports;

/// <summary>The names in the objects of a document, as far as they were read, to find one that is repeated.</summary>
/// <param name="utf8">The document, UTF-8.</param>
internal ref struct MemberNames(ReadOnlySpan<byte> utf8)
{
    // So many are compared one by one; more of them, and those with escapes, are hashed.
    private const int Few = 16;

    private readonly ReadOnlySpan<byte> _utf8 = utf8;
    private int _objects;
    private OpenObjects _open;
    private int _count;
    private FewNames _few;
    private HashSet<(int Owner, string Name)>? _many;

    /// <summary>An object begins.</summary>
    /// <param name="depth">How deep its members stand.</param>
    public void Open(int depth) => _open[depth] = ++_objects;

    /// <summary>Every object that has members is closed.</summary>
    public void Clear() => (_count, _many) = (0, null);

    /// <summary>Adds the name that the reader is at.</summary>
    /// <returns>False when its object has one like it.</returns>
    public bool Add(ref Utf8JsonReader json)
    {
        var owner = _open[json.CurrentDepth];
        if (_many is null && _count < Few && !json.ValueIsEscaped)
        {
            return AddToFew(owner, json.ValueSpan, (int)json.TokenStartIndex + 1);
        }

        if (_many is null)
        {
            _many = [];
            for (var n = 0; n < _count; n++)
            {
                _many.Add((_few[n].Owner, Encoding.UTF8.GetString(_utf8[_few[n].Name])));
            }
        }

        return _many.Add((owner, json.GetString()!));
    }

    private bool AddToFew(int owner, ReadOnlySpan<byte> name, int start)
    {
        for (var n = 0; n < _count; n++)
        {
            if (_few[n].Owner == owner && name.SequenceEqual(_utf8[_few[n].Name]))
            {
                return false;
            }
        }

        _few[_count++] = (owner, start..(start + name.Length));
        return true;
    }

    /// <summary>For each depth the number of the object that is open there, counted from the first of the document.</summary>
    [InlineArray(StrictJson.MaxDepth + 1)]
    private struct OpenObjects
    {
        private int _first;
    }

    /// <summary>Names with the numbers of the objects that have them.</summary>
    [InlineArray(Few)]
    private struct FewNames
    {
        private (int Owner, Range Name) _first;
    }
}

namespace Taproom.Ingest;

/// <summary>Functions in Lua that several scripts begin with.</summary>
internal static class LuaFunctions
{
    /// <summary><c>named(flat)</c>: a table by name, of names and values in turn, as Redis replies with them.</summary>
    public const string Named = """
        local function named(flat)
            local values = {}
            for i = 1, #flat, 2 do values[flat[i]] = flat[i + 1] end
            return values
        end

        """;

    /// <summary>
    /// <c>kept(fields)</c>, after <see cref="Named"/>: the fields of an entry, names and values in turn; of too many, which only another program
    /// writes and which Lua cannot hand to a command, those that an entry has, and how many there were.
    /// </summary>
    public static readonly string Kept = $$"""
        local function kept(fields)
            if #fields <= {{2 * DeadLetter.MaxFields}} then return fields end
            local values, few = named(fields), {}
            for _, name in ipairs({ '{{string.Join("', '", IngestEntry.FieldNames)}}' }) do
                if values[name] then
                    few[#few + 1] = name
                    few[#few + 1] = values[name]
                end
            end
            return few, #fields / 2
        end

        """;

    /// <summary><c>bound(dead, most, bytes)</c>: the oldest dead letters go when there are too many or they take too many bytes (Redis estimates these).</summary>
    public const string Bound = """
        local function bound(dead, most, bytes)
            local gone = redis.call('XTRIM', dead, 'MAXLEN', most)
            while redis.call('MEMORY', 'USAGE', dead) > bytes and redis.call('XLEN', dead) > 1 do
                gone = gone + redis.call('XTRIM', dead, 'MAXLEN', math.floor(redis.call('XLEN', dead) * 0.9))
            end
            if gone > 0 then redis.call('INCRBY', dead .. ':gone', gone) end
        end

        """;
}

namespace Taproom.Ingest;

/// <summary>How a batch is acknowledged.</summary>
internal static class Acknowledgement
{
    /// <summary>
    /// Moves the group's position to the end of a batch, in one step with its dead letters and the account: of two workers that both have
    /// written an entry one counts it, and sets it aside. Allowed when Redis is full, too: to acknowledge makes room. Keys: stream; of the
    /// group <c>store</c> also account and dead letters. Arguments: group, the stream ids after which the batch begins and up to which it
    /// goes, its size, how many were stored before, most dead letters, most bytes of them, how many arguments each that is refused has; of
    /// each its id and what its dead letter has beside its own fields, the reason first. Returns how many dead letters it has written.
    /// </summary>
    public static readonly string Script =
        "#!lua flags=allow-oom\n"
        + LuaFunctions.Named
        + LuaFunctions.Kept
        + LuaFunctions.Bound
        + """
            local function above(a, b)
                if #a ~= #b then return #a > #b end
                return a > b
            end
            local function after(a, b)
                local ams, aseq = string.match(a, '(%d+)-(%d+)')
                local bms, bseq = string.match(b, '(%d+)-(%d+)')
                if ams ~= bms then return above(ams, bms) end
                return above(aseq, bseq)
            end

            local group
            for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
                if info[2] == ARGV[1] then group = named(info) end
            end
            if not group then return redis.error_reply('NOGROUP The group is gone') end
            local at = group['last-delivered-id']
            if after(ARGV[2], at) then return redis.error_reply('BEHIND The group was set back to ' .. at) end
            if not after(ARGV[3], at) then return 0 end

            local done = tonumber(ARGV[4])
            if at ~= ARGV[2] then done = #redis.call('XRANGE', KEYS[1], '(' .. at, ARGV[3]) end
            local read = group['entries-read']
            if not read then
                local stream = named(redis.call('XINFO', 'STREAM', KEYS[1]))
                read = stream['entries-added'] - stream.length + #redis.call('XRANGE', KEYS[1], '-', at)
            end

            local size, dead, moved = tonumber(ARGV[8]), 0, 0
            for i = 9, #ARGV, size do
                if after(ARGV[i], at) then
                    local entry = redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
                    dead = dead + 1
                    if entry then
                        local fields, of = kept(entry[2])
                        for n = i + 1, i + size - 1 do fields[#fields + 1] = ARGV[n] end
                        if of then
                            local reason = #fields - size + 3
                            fields[reason] = fields[reason] .. ' Of its ' .. of .. ' fields those of an entry are kept.'
                        end
                        redis.call('XADD', KEYS[3], '*', unpack(fields))
                        moved = moved + 1
                    end
                end
            end
            if moved > 0 then bound(KEYS[3], tonumber(ARGV[6]), tonumber(ARGV[7])) end
            if KEYS[2] then
                local repeated = math.min(done - dead, tonumber(ARGV[5]))
                for what, count in pairs({ stored = done - dead - repeated, repeated = repeated, dead = dead }) do
                    if count > 0 then redis.call('HINCRBY', KEYS[2], what, count) end
                end
            end
            redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[3], 'ENTRIESREAD', read + done)
            return moved
            """;
}

using System.Globalization;
using Benchmarks.Results;
using Npgsql;
using StackExchange.Redis;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>The figures of a run, by the kind of fault.</summary>
internal sealed class RunReport
{
    private readonly FaultOptions _options;
    private readonly Account _account;
    private readonly IReadOnlyDictionary<string, Memory> _memory;
    private readonly List<Row> _rows;
    private readonly int _faults;

    public RunReport(
        FaultOptions options,
        IReadOnlyList<IReadOnlyList<Fault>> steps,
        Account account,
        PourLedger ledger,
        AcceptedEntries entries,
        IReadOnlyDictionary<string, Memory> memory
    )
    {
        (_options, _account, _memory, _faults) = (options, account, memory, steps.Sum(step => step.Count));
        var acknowledged = ledger.Pours.Values.CountBy(pour => pour.AcknowledgedIn ?? -1).ToDictionary();
        var lost = account.Lost.CountBy(pour => pour.AcknowledgedIn ?? -1).ToDictionary();
        var twice = account.Twice.CountBy(pour => pour.AcknowledgedIn ?? -1).ToDictionary();
        var dead = ledger.Copies.CountBy(pour => pour.AcknowledgedIn ?? -1).ToDictionary();
        _rows =
        [
            .. steps
                .Index()
                .GroupBy(step => NameOf(step.Item), step => step.Index)
                .Select(group =>
                {
                    int Sum(IReadOnlyDictionary<int, int> counts) => group.Sum(step => counts.GetValueOrDefault(step));
                    var taken = Sum(acknowledged);
                    return new Row(group.Key, group.Count(), taken, taken - Sum(lost), Sum(entries.Repeated), Sum(dead), Sum(lost), Sum(twice));
                })
                .OrderBy(row => row.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>All, for a terminal.</summary>
    public string ToText() => $"{Summary()}\n{FaultTable()}\n\n{MemoryTable()}";

    /// <summary>Writes docs/reliability.md.</summary>
    public async Task WriteAsync(RunningTaproom taproom)
    {
        var machine = await Machine.LookAsync(taproom.Redis, taproom.Postgres);
        await File.WriteAllTextAsync(
            Path.Combine(LocalServer.Repository, "docs", "reliability.md"),
            $"""
            # Reliability

            Written by a run of this command, {DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC:

            ```bash
            ./test --faults --count {_options.Count} --seed {_options.Seed} --write
            ```

            On {machine}.

            {Summary()}

            Two bridges, the API, two workers and the page run as processes of their own, with a Redis that syncs each write to disk, a Postgres, a
            mosquitto that the bridges have joined, and an S3 server for the archive. Forty taps pour {_options.PerSecond} glasses a second all the time: over MQTT 5.0
            and 3.1.1, over HTTP, over MQTT or HTTP by turns, and through mosquitto. Each keeps a pour until it is acknowledged (behind mosquitto: until
            its receipt), and never sends it again after that. Another tap sends pours with ids of others, which become dead letters.

            "Kill" is SIGKILL, "restart" SIGTERM and a new start, "stop and continue" SIGSTOP for up to five seconds and SIGCONT. Between two of them lies a
            relay. It cuts connections in the middle of a packet, or delays what passes ("slow"), or lets nothing pass for a while, closes nothing, and
            never lets the connections of that time work again ("half-open").

            At the end every acknowledged pour must be in Postgres, once. The totals of taps, glasses and hours and the levels of kegs must be the sums of
            the pours. The pours of each tap must be stored in the order of their pouring; only mosquitto keeps none. What was accepted must be what was
            stored, repeated and set aside, also by `GET /api/line`, and each accepted entry must be a line of the archive. Every hour of the archive that
            was over must be in the S3 server. No entry may wait, and no dead worker may hold a partition.

            ## By the kind of fault

            Counted from the beginning of a fault until the next one. "Acknowledged" are pours whose tap was told so in that time, "stored" those of them that
            are in Postgres at the end, "repeated" entries of the stream that came again because their tap had not got the answer, "dead" entries
            that were set aside, "lost" acknowledged pours that are not in Postgres, "twice" rows in Postgres beyond the first of a pour.

            {FaultTable()}

            ## Memory

            Resident set in MiB: the most in the first minute, the most of the run, and at the end. The first of two workers and of two
            bridges, the API and the page are killed and started again in the run; the second ones live through it.

            {MemoryTable()}

            """
        );
    }

    private string Summary() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{_faults:N0} faults; {_account.Poured:N0} pours; accepted {_account.Accepted:N0} = stored {_account.Stored:N0} + alerts stored {_account.Events:N0} + repeated {_account.Repeated:N0} + dead {_account.Dead:N0}; lost {_account.Lost.Count}, twice {_account.Twice.Count}."
        );

    private string FaultTable()
    {
        var all = new Row(
            "all",
            _rows.Sum(row => row.Times),
            _rows.Sum(row => row.Acknowledged),
            _rows.Sum(row => row.Stored),
            _rows.Sum(row => row.Repeated),
            _rows.Sum(row => row.Dead),
            _rows.Sum(row => row.Lost),
            _rows.Sum(row => row.Twice)
        );
        return string.Join(
            '\n',
            [
                "| fault | times | acknowledged | stored | repeated | dead | lost | twice |",
                "| --- | --: | --: | --: | --: | --: | --: | --: |",
                .. _rows
                    .Append(all)
                    .Select(row =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"| {row.Name} | {row.Times} | {row.Acknowledged:N0} | {row.Stored:N0} | {row.Repeated:N0} | {row.Dead:N0} | {row.Lost:N0} | {row.Twice:N0} |"
                        )
                    ),
            ]
        );
    }

    private string MemoryTable() =>
        string.Join(
            '\n',
            [
                "| service | first minute | most | end | end / first minute |",
                "| --- | --: | --: | --: | --: |",
                .. _memory.Select(service =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {service.Key} | {Mib(service.Value.FirstMinute):N0} | {Mib(service.Value.Most):N0} | {Mib(service.Value.Last):N0} | {service.Value.Ratio:N2} |"
                    )
                ),
            ]
        );

    private static double Mib(long bytes) => bytes / (1_024.0 * 1_024);

    private static string NameOf(IReadOnlyList<Fault> step) =>
        step.Count == 1
            ? $"{step[0].Kind}: {step[0].Target}"
            : $"two at a time: {string.Join(" and ", step.Select(fault => fault.Kind).Order(StringComparer.Ordinal))}";

    private sealed record Row(string Name, int Times, int Acknowledged, int Stored, int Repeated, int Dead, int Lost, int Twice);
}

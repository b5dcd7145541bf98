using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Running;

/// <summary>A shell in a session of its own that ends all resources when this process is gone without having ended them.</summary>
/// <remarks>It reads a pipe that only this process can write; the end of it is the end of this process, however that came.</remarks>
internal sealed class ProcessWatchdog : IAsyncDisposable
{
    // Known of each tree: its mark, before it starts, and its session, once it runs. A scan finds what is in those sessions, what
    // carries those marks, and all descendants. First the polite signal to each
    // group, after about 1 s to what is in other groups, and after about 5 s the other one.
    private const string Script = """
        trap '' HUP INT QUIT TERM
        trees=
        while read -r verb id; do
          case $verb in
            add) trees="$trees $id" ;;
            drop) kept=; for t in $trees; do [ "$t" = "$id" ] || kept="$kept $t"; done; trees=$kept ;;
          esac
        done
        [ -n "$trees" ] || exit 0
        patterns=
        for t in $trees; do patterns="$patterns -e ^MARK=$t$"; done
        found=" $trees "
        scan() {
          for file in $(grep -lsz $patterns /proc/[0-9]*/environ); do
            pid=${file#/proc/}
            pid=${pid%/environ}
            case $found in *" $pid "*) ;; *) found="$found$pid " ;; esac
          done
          grown=1
          while [ "$grown" = 1 ]; do
            grown=0
            live=
            others=
            for dir in /proc/[0-9]*; do
              pid=${dir#/proc/}
              read -r line 2>/dev/null <"$dir/stat" || continue
              set -- ${line##*) }
              case $found in
                *" $pid "*) ;;
                *" $2 "* | *" $4 "*) found="$found$pid "; grown=1 ;;
                *) continue ;;
              esac
              [ "$1" != Z ] || continue
              live="$live $pid"
              case " $trees " in *" $3 "*) ;; *) others="$others $pid" ;; esac
            done
          done
        }
        scan 2>/dev/null
        for t in $trees; do
          case $t in *[!0-9]*) ;; *) kill -TERM -- "-$t" 2>/dev/null ;; esac
        done
        turns=0
        calm=0
        while [ "$turns" -lt 50 ]; do
          if [ -n "$live" ]; then calm=0; else calm=$((calm + 1)); fi
          # A process on its way when this one's parent ended shows itself a moment later.
          [ "$calm" -lt 3 ] || exit 0
          [ "$turns" != 10 ] || kill -TERM $others 2>/dev/null
          turns=$((turns + 1))
          sleep 0.1
          scan 2>/dev/null
        done
        for turns in 1 2 3; do
          kill -KILL $live 2>/dev/null
          scan 2>/dev/null
        done
        """;

    private readonly Lock _gate = new();
    private Process? _shell;

    /// <summary>Starts the shell, unless it runs.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_shell is not null)
            {
                return;
            }
            var start = new ProcessStartInfo("setsid")
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/",
            };
            foreach (var argument in (string[])["/bin/sh", "-c", Script.Replace("MARK", ProcessTree.MarkVariable, StringComparison.Ordinal), "aspire-standin-watchdog"])
            {
                start.ArgumentList.Add(argument);
            }
            // Nothing of the application's may be found in it, neither marks nor secrets.
            start.Environment.Clear();
            start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
            _shell = Process.Start(start) ?? throw new DistributedApplicationException("The process watchdog could not be started.");
        }
    }

    /// <summary>Watches for processes that carry a mark; said before the first of them starts.</summary>
    public void Add(string mark) => Say("add", mark);

    /// <summary>Watches a session.</summary>
    public void Add(int session) => Say("add", session.ToString(CultureInfo.InvariantCulture));

    /// <summary>Forgets a tree that is gone.</summary>
    public void Drop(string mark, int? session)
    {
        Say("drop", mark);
        if (session is { } id)
        {
            Say("drop", id.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Ends the shell; what is still under watch ends with it.</summary>
    public async ValueTask DisposeAsync()
    {
        Process? shell;
        lock (_gate)
        {
            (shell, _shell) = (_shell, null);
        }
        if (shell is not null)
        {
            shell.StandardInput.Close();
            await shell.WaitForExitAsync();
            shell.Dispose();
        }
    }

    private void Say(string verb, string id)
    {
        lock (_gate)
        {
            if (_shell is null)
            {
                return;
            }
            _shell.StandardInput.WriteLine($"{verb} {id}");
            _shell.StandardInput.Flush();
        }
    }
}

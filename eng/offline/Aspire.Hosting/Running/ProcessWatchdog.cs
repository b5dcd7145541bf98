using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Running;

/// <summary>A shell in a session of its own that ends all resources when this process is gone without having ended them.</summary>
/// <remarks>It reads a pipe that only this process can write; the end of it is the end of this process, however that came.</remarks>
internal sealed class ProcessWatchdog : IAsyncDisposable
{
    // Trees: process ids of session leaders. First the polite signal, and after 5 s the other one.
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
        found=" $trees "
        scan() {
          live=
          grown=1
          while [ "$grown" = 1 ]; do
            grown=0
            live=
            for dir in /proc/[0-9]*; do
              pid=${dir#/proc/}
              read -r line 2>/dev/null <"$dir/stat" || continue
              set -- ${line##*) }
              case $found in
                *" $pid "*) ;;
                *" $2 "* | *" $4 "*) found="$found$pid "; grown=1 ;;
                *) continue ;;
              esac
              [ "$1" = Z ] || live="$live $pid"
            done
          done
        }
        scan 2>/dev/null
        for t in $trees; do kill -TERM -- "-$t" 2>/dev/null; done
        turns=0
        while [ "$turns" -lt 50 ]; do
          scan 2>/dev/null
          [ -n "$live" ] || exit 0
          turns=$((turns + 1))
          sleep 0.1
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
            foreach (var argument in (string[])["/bin/sh", "-c", Script, "aspire-standin-watchdog"])
            {
                start.ArgumentList.Add(argument);
            }
            _shell = Process.Start(start) ?? throw new DistributedApplicationException("The process watchdog could not be started.");
        }
    }

    /// <summary>Puts a tree under watch.</summary>
    public void Add(int session) => Say("add", session);

    /// <summary>Forgets a tree that is gone.</summary>
    public void Drop(int session) => Say("drop", session);

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

    private void Say(string verb, int session)
    {
        lock (_gate)
        {
            if (_shell is null)
            {
                return;
            }
            _shell.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verb} {session}"));
            _shell.StandardInput.Flush();
        }
    }
}

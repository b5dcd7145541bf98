using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>Docker or Podman.</summary>
internal static class ContainerEngine
{
    /// <summary>Tries to reach an engine: the one that Aspire is set to use, else either.</summary>
    /// <param name="configuration">Names the engine of Aspire, where somebody chose one.</param>
    /// <param name="patience">How long an engine may take to answer.</param>
    /// <returns>Whether one answers; the name of one that is there but keeps its caller waiting, where none answers.</returns>
    public static (bool Answers, string? Silent) Find(IConfiguration configuration, TimeSpan patience)
    {
        var chosen = configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] engines = string.IsNullOrEmpty(chosen) ? ["docker", "podman"] : [chosen];
        string? silent = null;
        foreach (var engine in engines)
        {
            switch (Answers(engine, patience))
            {
                case true:
                    return (true, null);
                case null:
                    silent ??= engine;
                    break;
            }
        }

        return (false, silent);
    }

    // Null where it neither answers nor ends.
    private static bool? Answers(string engine, TimeSpan patience)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(engine, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(patience))
            {
                return process.ExitCode == 0;
            }

            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Win32Exception)
        {
            // Not installed.
            return false;
        }
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace Testing;

/// <summary>A script of eng/ that reads a document of the repository with a tool from npm and writes it as JSON.</summary>
public static class NodeScript
{
    /// <summary>Runs it.</summary>
    /// <param name="script">Its path in the repository.</param>
    /// <param name="document">The document's path in the repository.</param>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It refuses the document, or its tool is missing.</exception>
    public static JsonElement Read(string script, string document)
    {
        var start = new ProcessStartInfo("node", [script, document])
        {
            WorkingDirectory = LocalServer.Repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var faults = node.StandardError.ReadToEndAsync();
        var json = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        return node.ExitCode == 0
            ? JsonDocument.Parse(json).RootElement
            : throw new InvalidOperationException($"{document} is not valid, or what reads it is missing (./test installs it):\n{faults.Result}");
    }
}

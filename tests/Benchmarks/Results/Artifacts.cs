using System.Text.Json;
using Testing;

namespace Benchmarks.Results;

/// <summary>What cases have measured, kept as JSON in <c>artifacts/bench</c>, the newest of each; smoke runs in a folder below.</summary>
internal static class Artifacts
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly string Folder = Path.Combine(LocalServer.Repository, "artifacts", "bench");

    /// <summary>Keeps a result.</summary>
    public static void Save(CaseResult result, bool isSmoke)
    {
        var folder = isSmoke ? Path.Combine(Folder, "smoke") : Folder;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{result.Case}.json"), JsonSerializer.Serialize(result, Json));
    }
}

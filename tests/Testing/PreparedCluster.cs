using System.Diagnostics;
using Taproom.Store;

namespace Testing;

/// <summary>
/// A Postgres cluster that has a database with the newest schema, made once for each build and kept in <c>artifacts</c>: to copy it costs a test
/// far less than to make one.
/// </summary>
internal static class PreparedCluster
{
    private static readonly string Folder = Path.Combine(LocalServer.Repository, "artifacts", "test-postgres");

    // Another build may have another schema.
    private static readonly string Own = Path.Combine(Folder, typeof(TaproomDb).Module.ModuleVersionId.ToString("N"));

    /// <summary>Puts a copy of it where a server looks for its cluster.</summary>
    /// <param name="make">Makes one from nothing: starts a server, stops it in an orderly way, and gives its folder.</param>
    /// <param name="data">Where to; nothing is there yet.</param>
    public static async Task CopyAsync(Func<Task<string>> make, string data)
    {
        Directory.CreateDirectory(Folder);
        // Two projects may be tested at the same time.
        using (await LockAsync())
        {
            if (!Directory.Exists(Own))
            {
                foreach (var old in Directory.EnumerateDirectories(Folder))
                {
                    Directory.Delete(old, recursive: true);
                }

                await CopyAsync(await make(), $"{Own}.new");
                Directory.Move($"{Own}.new", Own);
            }

            await CopyAsync(Own, data);
        }
    }

    // With owners and rights: as root Postgres runs as a user of its own.
    private static async Task CopyAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        if (copy.ExitCode != 0)
        {
            throw new InvalidOperationException($"{from} could not be copied to {to}.");
        }
    }

    private static Task<FileStream> LockAsync() =>
        Eventually.ValueAsync(
            () =>
            {
                try
                {
                    return Task.FromResult<FileStream?>(new FileStream($"{Folder}.lock", FileMode.Create, FileAccess.Write, FileShare.None));
                }
                catch (IOException)
                {
                    return Task.FromResult<FileStream?>(null);
                }
            },
            "nobody else makes or copies a cluster",
            // The one that makes it has a server to start.
            TimeSpan.FromMinutes(2)
        );
}

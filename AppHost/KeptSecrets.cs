using System.Security.Cryptography;

namespace AppHost;

/// <summary>Secrets that are generated once and kept in files that only their owner can read, so that they survive a restart.</summary>
internal static class KeptSecrets
{
    private const int Bytes = 24;

    /// <summary>Adds a secret parameter: <c>Parameters:{name}</c> where that is configured, else the content of the file <paramref name="name"/>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the parameter and of the file.</param>
    /// <param name="folder">Folder of the file; both are made when they are missing.</param>
    public static IResourceBuilder<ParameterResource> AddKeptSecret(this IDistributedApplicationBuilder builder, string name, string folder) =>
        builder.AddParameter(name, () => builder.Configuration[$"Parameters:{name}"] ?? Keep(Path.Combine(folder, name)), secret: true);

    private static string Keep(string path)
    {
        if (File.Exists(path))
        {
            return File.ReadAllText(path).Trim();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(secret);
        return secret;
    }
}

namespace AppHost;

/// <summary>Secrets that are generated once and kept in the developer's user secrets, so that they survive a restart.</summary>
internal static class Secrets
{
    private const int Length = 32;

    /// <summary>Adds a secret: <c>Parameters:{name}</c> where that is configured, else a generated one.</summary>
    public static IResourceBuilder<ParameterResource> AddSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = Length, Special = false }, secret: true, persist: true);

    /// <summary>Writes a secret to a file that only its owner can read, for people and scripts.</summary>
    public static IResourceBuilder<ParameterResource> WithFile(this IResourceBuilder<ParameterResource> secret, string path)
    {
        secret.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>(
            async (_, cancellationToken) =>
            {
                var value = await secret.Resource.GetValueAsync(cancellationToken);
                File.Delete(path);
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                await using var writer = new StreamWriter(path, options);
                await writer.WriteLineAsync(value);
            }
        );
        return secret;
    }
}

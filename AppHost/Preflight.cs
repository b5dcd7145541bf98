using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>Looks, before anything starts, for what would make the start fail half-way, and holds the data folder until the run ends.</summary>
internal sealed class Preflight : IDisposable
{
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    private readonly IDistributedApplicationBuilder _builder;
    private readonly TimeSpan _lockPatience;
    private readonly TimeSpan _enginePatience;
    private FileStream? _lock;

    /// <summary>Reads the settings and, where something is to be started, checks what that needs.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="lockPatience">How long a run before this one may take to leave the data folder; null for 10 seconds.</param>
    /// <param name="enginePatience">How long a container engine may take to answer; null for 10 seconds.</param>
    public Preflight(IDistributedApplicationBuilder builder, TimeSpan? lockPatience = null, TimeSpan? enginePatience = null)
    {
        _builder = builder;
        _lockPatience = lockPatience ?? TimeSpan.FromSeconds(10);
        _enginePatience = enginePatience ?? TimeSpan.FromSeconds(10);
        Problem = BadSetting() ?? (builder.ExecutionContext.IsRunMode ? MissingServer() ?? UnusableFolder() ?? TakenPort() : null);
        if (Problem is null && Settings.Reset)
        {
            Reset();
        }
    }

    /// <summary>The first problem found, as one sentence that says what to do about it; null when there is none.</summary>
    public string? Problem { get; }

    /// <summary>The settings; whole only where there is no <see cref="Problem"/>.</summary>
    public TaproomSettings Settings { get; private set; } = new();

    /// <inheritdoc />
    public void Dispose() => _lock?.Dispose();

    private string? BadSetting()
    {
        try
        {
            Settings = _builder.Configuration.GetSection(TaproomSettings.SectionName).Get<TaproomSettings>() ?? Settings;
        }
        catch (InvalidOperationException ex)
        {
            // It names the key, the value and the type.
            return ex.Message;
        }

        Settings.DataPath = Path.GetFullPath(Settings.DataPath, _builder.AppHostDirectory);
        Settings.DashboardUrl = _builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0].TrimEnd('/');
        return OutOfRange(Settings, TaproomSettings.SectionName) ?? OutOfRange(Settings.Ports, $"{TaproomSettings.SectionName}:Ports");
    }

    private static string? OutOfRange(object settings, string section)
    {
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(settings, new ValidationContext(settings), problems, validateAllProperties: true)
            ? null
            : $"{section}:{problems[0].MemberNames.First()} {problems[0].ErrorMessage}.";
    }

    private string? MissingServer()
    {
        var (answers, silent) = Settings.Containers != false ? ContainerEngine.Find(_builder.Configuration, _enginePatience) : default;
        if (silent is not null)
        {
            // Aspire would wait for it as well, and another store than last time would look like lost data.
            return $"The container engine {silent} is there but does not answer: start it again, or stop it to run without it.";
        }

        if (Settings.Containers == true && !answers)
        {
            return "Taproom:Containers is true, but no container engine answers: start Docker or Podman, or set Taproom__Containers=false.";
        }

        Settings.Containers = answers;
        if (answers)
        {
            return Settings.Reset
                ? "Taproom:Reset does not reach the volumes of containers: remove those with the engine (docker volume rm), or set Taproom__Containers=false."
                : null;
        }

        var missing = LocalServers.Names.Select(MissingProgram).OfType<string>().ToArray();
        return missing.Length == 0 ? null : $"No container engine answers, so start Docker or Podman; without one: {string.Join(' ', missing)}";
    }

    // The script says what is missing, and which package brings it.
    private string? MissingProgram(string server)
    {
        using var check = Process.Start(new ProcessStartInfo(LocalServers.Script(_builder, server), ["--check"]) { RedirectStandardError = true })!;
        var problem = check.StandardError.ReadToEnd().Trim();
        check.WaitForExit();
        return check.ExitCode == 0 ? null : problem;
    }

    private string? UnusableFolder()
    {
        var path = Path.Combine(Settings.DataPath, "lock");
        try
        {
            Directory.CreateDirectory(Settings.DataPath);
            for (var waited = Stopwatch.StartNew(); !TryLock(path); Thread.Sleep(LockPause))
            {
                if (waited.Elapsed > _lockPatience)
                {
                    return $"Another Taproom still uses the data folder {Settings.DataPath}: stop it, or choose another (./run --data, Taproom__DataPath).";
                }
            }

            return null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return $"The data folder {Settings.DataPath} cannot be used: {ex.Message}";
        }
    }

    private bool TryLock(string path)
    {
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private string? TakenPort()
    {
        List<(string What, int Port, string Option)> wanted =
        [
            ("the page", Settings.Ports.Page, "./run --page-port, Taproom__Ports__Page"),
            ("the API", Settings.Ports.Api, "./run --api-port, Taproom__Ports__Api"),
            ("MQTT", Settings.Ports.Mqtt, "./run --mqtt-port, Taproom__Ports__Mqtt"),
        ];
        if (Uri.TryCreate(Settings.DashboardUrl, UriKind.Absolute, out var dashboard))
        {
            // The launch profile wins over the environment, but not over an argument.
            wanted.Add(("the Aspire dashboard", dashboard.Port, "./run --dashboard-port, dotnet run --project AppHost -- --ASPNETCORE_URLS"));
        }

        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(end => end.Port).ToHashSet();
        foreach (var (what, port, option) in wanted)
        {
            if (!taken.Add(port))
            {
                return $"Port {port}, wanted for {what}, is taken: stop what listens there, or choose another ({option}).";
            }
        }

        return null;
    }

    private void Reset()
    {
        foreach (var entry in new DirectoryInfo(Settings.DataPath).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else if (entry.FullName != _lock?.Name)
            {
                entry.Delete();
            }
        }
    }
}

using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Starts the real Aspire dashboard from the Aspire CLI, when that is installed.</summary>
/// <remarks>
/// The CLI is the file named by <c>ASPIRE_CLI_PATH</c>, else <c>aspire</c> in PATH. The dashboard shows traces, metrics and logs;
/// its page of resources stays empty, since the stand-in has no resource service.
/// </remarks>
internal sealed partial class DashboardProcess(
    IConfiguration configuration, DistributedApplicationOptions options, ProcessWatchdog watchdog, IHttpClientFactory clients,
    TimeProvider time, ILogger<DashboardProcess> logger)
{
    private const string CliPathKey = "ASPIRE_CLI_PATH";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private volatile string? _loginUrl;

    /// <summary>Runs the dashboard until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        ResourceProcess? process = null;
        try
        {
            if (FindCli() is not { } cli)
            {
                LogNoCli();
                return;
            }
            var urls = ReadUrls();
            process = ResourceProcess.Start(Spec(cli, urls), watchdog, time, (line, _) => Read(line));
            await AnnounceAsync(urls.Frontend, process, cancellationToken);
            var exitCode = await process.Exited.WaitAsync(cancellationToken);
            LogEnded(exitCode);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopping();
        }
        catch (Exception ex)
        {
            // The application is whole without its dashboard.
            LogFailed(ex);
        }
        finally
        {
            if (process is not null)
            {
                await process.StopAsync(Grace, CancellationToken.None);
            }
        }
    }

    /// <summary>Checks the dashboard's settings as the real package does.</summary>
    /// <exception cref="DistributedApplicationException">A setting is missing, or http is not allowed.</exception>
    public void Validate() => _ = ReadUrls();

    // The CLI makes the token of a login itself, and tells it here only.
    private void Read(string line)
    {
        if (LoginUrl().Match(line) is { Success: true } login)
        {
            _loginUrl = login.Value;
        }
        else
        {
            LogOutput(line);
        }
    }

    [GeneratedRegex(@"https?://[^\s\e\a;]+/login\?t=[0-9A-Za-z]+")]
    private static partial Regex LoginUrl();

    private string? FindCli() => configuration[CliPathKey] is { Length: > 0 } path
        ? Programs.Find(Path.GetFullPath(path), "/")
        : Programs.Find("aspire", "/");

    private (string Frontend, string Grpc, string Http) ReadUrls()
    {
        var frontend = KnownConfigNames.Read(configuration, KnownConfigNames.FrontendUrls)
            ?? throw new DistributedApplicationException($"Failed to configure dashboard resource because {KnownConfigNames.FrontendUrls} environment variable was not set.");
        var grpc = KnownConfigNames.Read(configuration, KnownConfigNames.OtlpGrpcUrl);
        var http = KnownConfigNames.Read(configuration, KnownConfigNames.OtlpHttpUrl);
        if (grpc is null && http is null)
        {
            throw new DistributedApplicationException(
                $"Failed to configure dashboard resource because {KnownConfigNames.OtlpGrpcUrl} and {KnownConfigNames.OtlpHttpUrl} environment variables are not set. At least one OTLP endpoint must be provided.");
        }
        var secured = !options.AllowUnsecuredTransport && !KnownConfigNames.IsTrue(configuration, KnownConfigNames.AllowUnsecuredTransport);
        if (secured && $"{frontend};{grpc};{http}".Contains("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw new DistributedApplicationException(
                $"The dashboard's URLs must be https unless the '{KnownConfigNames.AllowUnsecuredTransport}' environment variable is set to true.");
        }
        var free = new FreePorts([]);
        return (frontend, grpc ?? $"http://localhost:{free.Next()}", http ?? $"http://localhost:{free.Next()}");
    }

    private ProcessSpec Spec(string cli, (string Frontend, string Grpc, string Http) urls)
    {
        var environment = Environment.GetEnvironmentVariables().OfType<DictionaryEntry>()
            .Where(e => e.Value is not null && (string)e.Key is not (
                "ASPNETCORE_URLS" or "ASPNETCORE_ENVIRONMENT" or "DOTNET_ENVIRONMENT" or "DOTNET_LAUNCH_PROFILE"
                // There is no resource service here, and the dashboard refuses to start with the address of one alone.
                or "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL" or "DOTNET_RESOURCE_SERVICE_ENDPOINT_URL"))
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
        List<string> arguments =
            ["dashboard", "run", "--frontend-url", urls.Frontend, "--otlp-grpc-url", urls.Grpc, "--otlp-http-url", urls.Http, "--non-interactive", "--nologo"];
        if (KnownConfigNames.IsTrue(configuration, KnownConfigNames.AllowAnonymous))
        {
            arguments.Add("--allow-anonymous");
        }
        else
        {
            environment["Dashboard__Otlp__AuthMode"] = "ApiKey";
            environment["Dashboard__Otlp__PrimaryApiKey"] = configuration["AppHost:OtlpApiKey"] ?? "";
        }
        return new ProcessSpec(cli, arguments, Path.GetTempPath(), environment);
    }

    private async Task AnnounceAsync(string frontend, ResourceProcess process, CancellationToken cancellationToken)
    {
        var url = frontend.Split(';')[0].TrimEnd('/');
        var started = time.GetTimestamp();
        using var client = clients.CreateClient(HttpEndpointHealthCheck.ClientName);
        while (!process.Exited.IsCompleted && time.GetElapsedTime(started) < StartTimeout)
        {
            var anonymous = KnownConfigNames.IsTrue(configuration, KnownConfigNames.AllowAnonymous);
            if (await AnswersAsync(client, url, cancellationToken) && (anonymous ? url : _loginUrl) is { } login)
            {
                LogReady(login);
                return;
            }
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client, string url, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "The Aspire CLI is not installed, so there is no dashboard; set ASPIRE_CLI_PATH or put 'aspire' in PATH.")]
    private partial void LogNoCli();

    [LoggerMessage(LogLevel.Information, "Login to the dashboard at {Url}")]
    private partial void LogReady(string url);

    [LoggerMessage(LogLevel.Debug, "{Line}")]
    private partial void LogOutput(string line);

    [LoggerMessage(LogLevel.Warning, "The dashboard ended with exit code {ExitCode}.")]
    private partial void LogEnded(int exitCode);

    [LoggerMessage(LogLevel.Debug, "The dashboard stops.")]
    private partial void LogStopping();

    [LoggerMessage(LogLevel.Error, "The dashboard could not be started.")]
    private partial void LogFailed(Exception exception);
}

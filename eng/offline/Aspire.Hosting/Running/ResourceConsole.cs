using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Shows the resources' output: on the console with the resource's name before each line, or through the AppHost's loggers.</summary>
internal sealed partial class ResourceConsole(
    DistributedApplicationOptions options, DistributedApplicationModel model, IHostEnvironment environment, ILoggerFactory loggers)
{
    private readonly Dictionary<string, (string Label, ILogger? Logger)> _targets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Begins to show what the service is told.</summary>
    public void Attach(ResourceLoggerService service)
    {
        foreach (var resource in model.Resources)
        {
            var ids = resource.InstanceIds();
            for (var i = 0; i < ids.Count; i++)
            {
                var label = ids.Count == 1 ? resource.Name : $"{resource.Name}.{i + 1}";
                var logger = options.EnableResourceLogging ? loggers.CreateLogger($"{environment.ApplicationName}.Resources.{label}") : null;
                _targets[ids[i]] = (label, logger);
            }
        }
        service.LineWritten = Show;
    }

    private void Show(string id, string line, bool isError)
    {
        var (label, logger) = _targets.TryGetValue(id, out var target) ? target : (id, null);
        if (logger is null)
        {
            Console.Out.WriteLine($"[{label}] {line}");
        }
        else
        {
            LogLine(logger, isError ? LogLevel.Error : LogLevel.Information, line);
        }
    }

    [LoggerMessage("{Line}")]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);
}

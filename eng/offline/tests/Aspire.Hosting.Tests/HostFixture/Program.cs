// Both an AppHost and the project it starts: with --role=service it is a web application, else it starts one.
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;

namespace HostFixture;

/// <summary>The entry point.</summary>
public static class Program
{
    private const string Tree = "sleep 1001 & setsid sleep 1002 & echo tree is up; wait";
    private const string StubbornTree = $"(trap '' TERM; sleep 1003) & {Tree}";

    /// <summary>Runs the AppHost or the service.</summary>
    public static async Task Main(string[] args)
    {
        if (args.Contains("--role=service"))
        {
            await RunServiceAsync(args);
            return;
        }
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });
        if (builder.Configuration["fail"] == "true")
        {
            throw new InvalidOperationException("The fixture was asked to fail.");
        }
        if (builder.Configuration["build"] == "false")
        {
            return;
        }
        var secret = builder.AddParameter("secret", "kept-to-itself", secret: true);
        var tree = builder.AddExecutable("tree", "/bin/sh", "/", "-c", builder.Configuration["stubborn"] == "true" ? StubbornTree : Tree).WithEnvironment("SECRET", secret);
        if (builder.Configuration["tree-only"] != "true")
        {
            builder.AddProject("service", Path.Combine(builder.AppHostDirectory, "HostFixture.csproj"))
                .WithEndpoint(name: "extra", scheme: "tcp", env: "EXTRA_PORT")
                .WithHttpHealthCheck("/health")
                .WithReplicas(int.Parse(builder.Configuration["replicas"] ?? "1"))
                .WaitFor(tree);
        }
        await builder.Build().RunAsync();
    }

    private static async Task RunServiceAsync(string[] args)
    {
        await using var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/health", () => "ok");
        app.MapGet("/env", () => Environment.GetEnvironmentVariables());
        app.MapGet("/args", () => args);
        await app.RunAsync();
    }
}

/// <summary>Names this assembly in tests, as the Sdk's <c>Projects</c> classes do.</summary>
public sealed class Entry;

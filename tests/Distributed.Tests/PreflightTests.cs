using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AppHost;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Testing;

namespace Distributed.Tests;

/// <summary>What keeps a run from starting is said in one sentence.</summary>
public sealed class PreflightTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("taproom-").FullName;

    [Theory]
    [InlineData("Ports:Page", "eighty")]
    [InlineData("Ports:Mqtt", "65536")]
    [InlineData("KegLowShare", "1.5")]
    [InlineData("KegLowShare", "NaN")]
    [InlineData("Containers", "maybe")]
    [InlineData("Archive", "tape")]
    [InlineData("Listen", "everywhere")]
    public void A_bad_setting_is_named(string key, string value) => Assert.Contains($"Taproom:{key}", Problem($"--Taproom:{key}={value}"));

    [Fact]
    public void A_taken_port_is_named_and_whom_it_is_for()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var problem = Problem($"--Taproom:Ports:Mqtt={port}");

        Assert.StartsWith($"Port {port}, wanted for MQTT, is taken: ", problem);
        Assert.Contains("--mqtt-port", problem);
    }

    [Fact]
    public void A_port_that_is_wanted_twice_is_taken()
    {
        var port = LocalServer.FreePort();
        Assert.StartsWith($"Port {port}, wanted for the API, is taken: ", Problem($"--Taproom:Ports:Page={port}", $"--Taproom:Ports:Api={port}"));
    }

    [Fact]
    public async Task The_launch_profile_takes_no_port_but_that_of_the_dashboard_whose_taking_is_told()
    {
        var profile = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "AppHost/Properties/launchSettings.json"));
        var address = Assert.Single(Regex.Matches(profile, "http://localhost:[1-9][0-9]*")).Value;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Contains($"\"applicationUrl\": \"{address}\"", profile);
        Assert.StartsWith($"Port {port}, wanted for the Aspire dashboard, is taken: ", Problem($"--ASPNETCORE_URLS=http://localhost:{port}"));
    }

    [Fact]
    public void A_data_folder_in_use_is_named_and_free_again_afterwards()
    {
        using (var first = new Preflight(Builder()))
        {
            Assert.Null(first.Problem);
            Assert.StartsWith($"Another Taproom still uses the data folder {_data}: ", Problem());
        }

        Assert.Null(Problem());
    }

    [Fact]
    public void A_data_folder_that_cannot_be_one_is_named()
    {
        var file = Path.Combine(_data, "file");
        File.WriteAllText(file, "");
        Assert.StartsWith($"The data folder {file}/below cannot be used: ", Problem($"--Taproom:DataPath={file}/below"));
    }

    [Fact]
    public void An_engine_that_is_wanted_and_does_not_answer_is_named() =>
        Assert.Contains("no container engine answers", Problem("--Taproom:Containers=true", "--ASPIRE_CONTAINER_RUNTIME=no-such-engine"));

    [Fact]
    public void An_engine_that_keeps_its_caller_waiting_is_named_and_not_waited_for()
    {
        // A program that never ends, whatever it is asked.
        var builder = Builder("--Taproom:Containers=true", "--ASPIRE_CONTAINER_RUNTIME=yes");

        using var preflight = new Preflight(builder, enginePatience: TimeSpan.FromMilliseconds(100));

        Assert.StartsWith("The container engine yes is there but does not answer: ", preflight.Problem);
    }

    [Fact]
    public void Missing_programs_are_named_with_the_packages_that_bring_them()
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        // The scripts need no more than this to say what they miss.
        foreach (var program in new[] { "bash", "sort", "dirname", "readlink" })
        {
            File.CreateSymbolicLink(Path.Combine(_data, program), $"/usr/bin/{program}");
        }

        try
        {
            Environment.SetEnvironmentVariable("PATH", _data);
            Assert.Contains("install the Debian package redis-server", Problem());
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Fact]
    public void A_reset_leaves_an_empty_folder()
    {
        File.WriteAllText(Path.Combine(_data, "admin-key"), "old");
        Directory.CreateDirectory(Path.Combine(_data, "postgres", "base"));

        Assert.Null(Problem("--Taproom:Reset=true"));

        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(_data).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_generated_secret_is_the_same_in_the_next_run_and_readable_for_its_owner_only()
    {
        var id = $"taproom-tests-{Guid.NewGuid():N}";
        var store = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".microsoft", "usersecrets", id);
        try
        {
            var first = await AdminKeyAsync(id);
            Assert.True(first.Length >= 32);
            Assert.Equal(first, await AdminKeyAsync(id));
            var file = Path.Combine(_data, "admin-key");
            Assert.Equal(first, (await File.ReadAllTextAsync(file)).Trim());
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
        finally
        {
            Directory.Delete(store, recursive: true);
        }
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_data, recursive: true);

    private async Task<string> AdminKeyAsync(string userSecretsId)
    {
        var builder = Builder($"--ASPIRE_USER_SECRETS_ID={userSecretsId}");
        var key = builder.AddSecret("admin-key").WithFile(Path.Combine(_data, "admin-key"));
        await using var app = builder.Build();
        await builder.Eventing.PublishAsync(new BeforeStartEvent(app.Services, app.Services.GetRequiredService<DistributedApplicationModel>()));
        return (await key.Resource.GetValueAsync(CancellationToken.None))!;
    }

    private string? Problem(params string[] settings)
    {
        using var preflight = new Preflight(Builder(settings), TimeSpan.Zero);
        return preflight.Problem;
    }

    private IDistributedApplicationBuilder Builder(params string[] settings) => TaproomApp.Builder([.. TaproomApp.Settings(_data), .. settings]);
}

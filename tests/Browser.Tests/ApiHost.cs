extern alias api;

using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Testing;

namespace Browser.Tests;

/// <summary>Ingest.Api on a real port, on the stores of a page under test: what pages that change something call.</summary>
internal sealed class ApiHost : WebApplicationFactory<api::Program>
{
    /// <summary>The admin key.</summary>
    public const string AdminKey = "a-key-that-only-tests-know";

    /// <summary>The password of every user that a test adds.</summary>
    public const string Password = "what only this one knows";

    private readonly Dictionary<string, string?> _settings;

    /// <summary>Starts it.</summary>
    public ApiHost(IReadOnlyDictionary<string, string?> settings)
    {
        _settings = new Dictionary<string, string?>(settings)
        {
            ["Admin:Key"] = AdminKey,
            ["Meters:LeaseKey"] = $"lease:{settings["Ingest:Prefix"]}",
            ["Meters:Period"] = "1.00:00:00",
        };
        UseKestrel(0);
        StartServer();
        Admin = Calls.Client(Address);
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    /// <summary>A client with the admin key.</summary>
    public HttpClient Admin { get; }

    /// <summary>Where it listens.</summary>
    public string Address => $"{ClientOptions.BaseAddress}".TrimEnd('/');

    /// <summary>Adds a user with the <see cref="Password"/> of all.</summary>
    public Task AddUserAsync(string name, string role) =>
        Admin.AddAsync(
            "/api/users",
            new
            {
                name,
                password = Password,
                role,
            }
        );

    /// <summary>Posts JSON as the admin.</summary>
    public async Task PostAsync(string path, object body)
    {
        using var answer = await Admin.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await base.DisposeAsync();
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // That each service can be made is looked at by the tests of the project.
        builder.UseDefaultServiceProvider(options => options.ValidateScopes = true);
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }
    }
}

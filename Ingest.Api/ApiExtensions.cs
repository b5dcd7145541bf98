using System.Text.Json.Serialization;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Ingest.Api.Protection;
using Microsoft.AspNetCore.Authentication;
using Npgsql;

namespace Ingest.Api;

/// <summary>What every resource of the API shares: who may call, how refusals look, documents.</summary>
internal static class ApiExtensions
{
    /// <summary>Largest request body, in bytes, unless a call says otherwise.</summary>
    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>How often an open socket is pinged, and how long its answer is waited for.</summary>
    private static readonly TimeSpan SocketPing = TimeSpan.FromSeconds(20);

    /// <summary>Limits the wait for Postgres, so that its absence is answered within two seconds.</summary>
    public static void AnswerQuickly(NpgsqlConnectionStringBuilder connection)
    {
        connection.Timeout = 1;
        connection.CommandTimeout = 1;
        // In milliseconds: how long a server that hangs may take to confirm that it gave a command up.
        connection.CancellationTimeout = 300;
        // Each way to encrypt that is tried in turn has the whole time; one that nobody asked for is left out.
        if (connection.GssEncryptionMode is GssEncryptionMode.Prefer)
        {
            connection.GssEncryptionMode = GssEncryptionMode.Disable;
        }
    }

    /// <summary>Adds authentication, problem documents, OpenAPI and the limits of requests.</summary>
    public static void AddIngestApi(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });
        builder.Services.AddOptions<AdminOptions>().BindConfiguration(AdminOptions.SectionName);
        builder
            .Services.AddAuthentication(BearerAuthentication.Scheme)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.Scheme, configureOptions: null);
        builder
            .Services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Roles.Admin))
            .AddPolicy(Policies.Pour, policy => policy.RequireRole(Roles.Admin, Roles.Tap));

        builder.AddProtection();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<FailureHandler>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
            // Numbers are numbers, also in the OpenAPI document.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.AddTaproomOpenApi();
        builder.Services.AddScoped<Arrivals>();
    }

    /// <summary>Puts the shared middleware in front of the endpoints, and the documents beside them.</summary>
    public static void UseIngestApi(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.Bare(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        app.UseHeadAsGet();
        app.UseRouting();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = SocketPing, KeepAliveTimeout = SocketPing });
        app.UseCors();
        app.UseStorePatience();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseRequestTimeouts();
        app.UseMiddleware<ConditionalGet>();

        app.MapOpenApi();
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "api";
            ui.SwaggerEndpoint("/openapi/v1.json", "Taproom");
            ui.DocumentTitle = "Taproom API";
        });
    }
}

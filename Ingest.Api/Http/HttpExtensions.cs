using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using Taproom;
using Taproom.Reports;

namespace Ingest.Api.Http;

/// <summary>What every resource of the API shares: who may call, how requests are read, how refusals look, documents.</summary>
internal static class HttpExtensions
{
    /// <summary>Largest request body, in bytes, unless a call says otherwise.</summary>
    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>Longest request line, in bytes.</summary>
    private const int MaxLineBytes = 32 * 1024;

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

    /// <summary>Adds authentication, validation, problem documents, OpenAPI and the limits of requests.</summary>
    public static void AddHttp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            // Kestrel itself refuses a longer line without a word; this leaves room for one in which an endpoint finds fault.
            kestrel.Limits.MaxRequestLineSize = MaxLineBytes;
        });
        builder.AddStartLine(Settings);
        builder.Services.AddOptions<AdminOptions>().BindConfiguration(AdminOptions.SectionName);
        builder
            .Services.AddAuthentication(BearerAuthentication.Scheme)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.Scheme, configureOptions: null);
        builder
            .Services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Roles.Admin))
            .AddPolicy(Policies.Staff, policy => policy.RequireRole(Roles.Admin, Roles.Staff))
            .AddPolicy(Policies.User, policy => policy.RequireClaim(Callers.UserClaim))
            .AddPolicy(Policies.Pour, policy => policy.RequireRole(Roles.Admin, Roles.Tap));

        builder.AddProtection();
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<FailureHandler>();
        builder.Services.AddValidation();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
            json.SerializerOptions.Converters.Add(new ExactNumberConverter());
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.MaxDepth = StrictJson.MaxDepth;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.PropertyNameCaseInsensitive = false;
        });
        builder.Services.AddTaproomOpenApi();
        builder.Services.AddScoped<Arrivals>();
        builder.Services.AddScoped<AuditTrail>();
    }

    private static IEnumerable<(string Name, object? Value)> Settings(IServiceProvider services) =>
        [
            .. StoreSettings.OfStream(services),
            .. StoreSettings.OfStore(services),
            ("admin key", string.IsNullOrEmpty(services.GetRequiredService<IOptions<AdminOptions>>().Value.Key) ? "missing" : "set"),
            ("requests a second of one address", services.GetRequiredService<IOptions<RateOptions>>().Value.PerSecond),
            ("links to traces", services.GetRequiredService<IOptions<TraceLinkOptions>>().Value.Address),
        ];

    /// <summary>Puts the shared middleware in front of the endpoints, and the documents beside them.</summary>
    public static void UseHttp(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(RequestRules.CheckAddressAsync);
        app.UseRouting();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = SocketPing, KeepAliveTimeout = SocketPing });
        app.UseCors();
        app.UseStorePatience();
        app.UseVisitorAddresses();
        app.UseAuthentication();
        app.UseRateLimits();
        app.Use(AuditTrail.KeepAsync);
        app.UseAuthorization();
        app.UseRequestTimeouts();
        app.UseMiddleware<ConditionalGet>();
        app.Use(RequestRules.CheckBodyAsync);

        app.MapOpenApi();
        app.MapAsyncApi();
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "api";
            ui.SwaggerEndpoint("/openapi/v1.json", "Taproom");
            ui.DocumentTitle = "Taproom API";
        });
    }

    /// <summary>A group for all resources: answers in time for Redis and Postgres, and documents the name and the problems of each call.</summary>
    public static RouteGroupBuilder MapResources(this IEndpointRouteBuilder routes)
    {
        var group = routes
            .MapGroup("")
            .AddEndpointFilter<RouteGroupBuilder, StoreDeadline>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        ((IEndpointConventionBuilder)group).Finally(Describe);
        return group;
    }

    // A call is named in the document as its handler is in the code.
    private static void Describe(EndpointBuilder endpoint)
    {
        endpoint.Metadata.Add(new EndpointNameMetadata(endpoint.Metadata.OfType<MethodInfo>().First().Name));
        int[] statuses =
        [
            .. endpoint.Metadata.OfType<IAuthorizeData>().Any() ? (int[])[StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden] : [],
            .. endpoint is RouteEndpointBuilder { RoutePattern.Parameters.Count: > 0 } ? (int[])[StatusCodes.Status404NotFound] : [],
        ];
        foreach (var status in statuses)
        {
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
        }
    }
}

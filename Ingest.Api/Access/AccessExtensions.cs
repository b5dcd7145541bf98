using ServiceDefaults;

namespace Ingest.Api.Access;

/// <summary>Puts users and sessions together.</summary>
internal static class AccessExtensions
{
    /// <summary>Adds what the resources need.</summary>
    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<AccessOptions, AccessOptionsValidator>(AccessOptions.SectionName);
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddSingleton<SignInLimit>();
        builder.Services.AddScoped<SignIns>();
        builder.Services.AddScoped<UserRegistry>();
    }

    /// <summary>Maps the resources.</summary>
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapSessions();
        routes.MapUsers();
    }
}

using ServiceDefaults;

namespace Ingest.Api.Access;

/// <summary>Puts users and sessions together.</summary>
internal static class AccessExtensions
{
    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<AccessOptions, AccessOptionsValidator>(AccessOptions.SectionName);
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddSingleton<SignInLimit>();
        builder.Services.AddScoped<SignIns>();
        builder.Services.AddScoped<UserRegistry>();
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapSessions();
        routes.MapUsers();
    }
}

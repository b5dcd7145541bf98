using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ServiceDefaults;

/// <summary>Registers options.</summary>
public static class OptionsExtensions
{
    /// <summary>Binds options to a section of the configuration, and has them checked when the service starts.</summary>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <typeparam name="TValidator">Checks them; a value that it refuses ends the start with its words.</typeparam>
    /// <param name="services">The service's registrations.</param>
    /// <param name="section">Path of the section; empty for the configuration as a whole.</param>
    public static OptionsBuilder<TOptions> AddValidated<
        TOptions,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TValidator
    >(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        return services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }
}

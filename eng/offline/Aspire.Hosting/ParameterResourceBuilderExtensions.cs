using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters: values given from outside.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter that has to be configured as <c>Parameters:{name}</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.Add(name, $"Parameters:{name}", secret, null);

    /// <summary>Adds a parameter with a fixed value, unless <c>Parameters:{name}</c> is configured.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>Adds a parameter whose value comes from a function, unless <c>Parameters:{name}</c> is configured.</summary>
    /// <exception cref="ArgumentException">A secret that is published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        }
        return builder.AddResource(new ParameterResource(name, _ => builder.Configuration[$"Parameters:{name}"] ?? valueGetter(), secret)).AsParameter();
    }

    /// <summary>Adds a parameter with a default, unless <c>Parameters:{name}</c> is configured.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="value">The default.</param>
    /// <param name="secret">True keeps the value out of logs and pages.</param>
    /// <param name="persist">True keeps a generated value in user secrets, which the stand-in does not do.</param>
    /// <exception cref="NotSupportedException"><paramref name="persist"/> is true.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        persist ? throw StandIn.NotSupported("AddParameter with persist: true") : builder.Add(name, $"Parameters:{name}", secret, value);

    /// <summary>Adds a parameter that has to be configured under a key.</summary>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
        builder.Add(name, configurationKey, secret, null);

    /// <summary>Says what the parameter is for.</summary>
    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        builder.Resource.Description = description;
        return builder;
    }

    /// <summary>Adds a connection string that has to be configured as <c>ConnectionStrings:{name}</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConfiguredConnectionString(name, environmentVariableName, builder.Configuration)).AsParameter();

    /// <summary>Makes a parameter with a random password, without adding it.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder, string name, bool lower = true, bool upper = true, bool numeric = true, bool special = true,
        int minLower = 0, int minUpper = 0, int minNumeric = 0, int minSpecial = 0) => new(name, d => builder.Configuration[$"Parameters:{name}"] ?? d!.GetDefaultValue(), secret: true)
        {
            Default = new GenerateParameterDefault
            {
                Lower = lower, Upper = upper, Numeric = numeric, Special = special,
                MinLower = minLower, MinUpper = minUpper, MinNumeric = minNumeric, MinSpecial = minSpecial,
            },
        };

    private static IResourceBuilder<ParameterResource> Add(
        this IDistributedApplicationBuilder builder, string name, string key, bool secret, ParameterDefault? defaultValue) =>
        builder.AddResource(new ParameterResource(
            name,
            d => builder.Configuration[key] ?? d?.GetDefaultValue() ?? throw Missing(name, key),
            secret) { Default = defaultValue }).AsParameter();

    private static IResourceBuilder<T> AsParameter<T>(this IResourceBuilder<T> builder) where T : IResource =>
        builder.WithInitialState(new CustomResourceSnapshot { ResourceType = "Parameter", Properties = [], State = KnownResourceStates.Waiting });

    private static MissingParameterValueException Missing(string name, string key) =>
        new($"Parameter resource could not be used because configuration key '{key}' is missing and the Parameter '{name}' has no default value.");

    private sealed class ConfiguredConnectionString : ParameterResource, IResourceWithConnectionString
    {
        public ConfiguredConnectionString(string name, string? environmentVariableName, IConfiguration configuration)
            : base(name, _ => configuration.GetConnectionString(name) ?? throw Missing(name, $"ConnectionStrings:{name}"), secret: true)
        {
            IsConnectionString = true;
            ConnectionStringEnvironmentVariable = environmentVariableName;
        }

        public string? ConnectionStringEnvironmentVariable { get; }

        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{(ParameterResource)this}");

        public IEnumerable<object> References => [];
    }
}

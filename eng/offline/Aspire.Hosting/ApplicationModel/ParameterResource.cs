using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from when none is configured.</summary>
public abstract class ParameterDefault
{
    /// <summary>The value. Asked for at most once in a run.</summary>
    public abstract string GetDefaultValue();

    /// <summary>Describes the default in a deployment manifest.</summary>
    public abstract void WriteToManifest(ManifestPublishingContext context);
}

/// <summary>A value given to the application from outside: configuration <c>Parameters:{name}</c>, else a default.</summary>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <summary>Creates a parameter.</summary>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="callback">Gets the value, given the default if there is one.</param>
    /// <param name="secret">True keeps the value out of logs and pages.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _value = new Lazy<string>(() => callback(Default));
        Secret = secret;
    }

    /// <summary>The default, if any.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>True for a value that must not be shown.</summary>
    public bool Secret { get; }

    /// <summary>True when the value is a connection string, configured as <c>ConnectionStrings:{name}</c>.</summary>
    public bool IsConnectionString { get; set; }

    /// <summary>What the parameter is for.</summary>
    public string? Description { get; set; }

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <summary>The value.</summary>
    /// <exception cref="MissingParameterValueException">None is configured and there is no default.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<string?>(cancellationToken) : new(_value.Value);

    /// <summary>The value.</summary>
    /// <exception cref="MissingParameterValueException">None is configured and there is no default.</exception>
    public ValueTask<string?> GetValueAsync(ValueProviderContext _, CancellationToken cancellationToken) => GetValueAsync(cancellationToken);
}

using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Base of all resources.</summary>
public abstract class Resource : IResource
{
    /// <summary>Creates a resource of that name.</summary>
    /// <exception cref="ArgumentException">The name is not a valid resource name.</exception>
    protected Resource(string name)
    {
        ResourceNames.Validate(name);
        Name = name;
    }

    /// <inheritdoc/>
    public virtual string Name { get; }

    /// <inheritdoc/>
    public virtual ResourceAnnotationCollection Annotations { get; } = [];
}

/// <summary>The annotations of a resource in the order they were added.</summary>
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

/// <summary>Rules for resource names: a letter first, then letters, digits and single hyphens, at most 64 characters.</summary>
internal static class ResourceNames
{
    private const int MaxLength = 64;

    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var problem =
            name.Length > MaxLength ? $"is longer than {MaxLength} characters" :
            !char.IsAsciiLetter(name[0]) ? "does not start with an ASCII letter" :
            !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? "holds something else than ASCII letters, digits and hyphens" :
            name.Contains("--", StringComparison.Ordinal) ? "holds two hyphens in a row" :
            name.EndsWith('-') ? "ends with a hyphen" : null;
        if (problem is not null)
        {
            throw new ArgumentException($"Resource name '{name}' {problem}.", nameof(name));
        }
    }
}

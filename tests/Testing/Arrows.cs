using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace Testing;

/// <summary>
/// Checks which folders of a project know each other. Use: <c>Assert.Empty(Arrows.Faults(typeof(SomeType).Assembly));</c>
/// </summary>
public static partial class Arrows
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>Everything that is wrong: namespaces that are not the project's folders, and folders that know each other in a circle.</summary>
    /// <remarks>A type of the root folder is a node of its own, so the composition root may know all, and small types there may be known by all.</remarks>
    /// <param name="assembly">The project's assembly; it is named as its folder.</param>
    public static IReadOnlyList<string> Faults(Assembly assembly)
    {
        var project = assembly.GetName().Name!;
        return [.. NamespaceFaults(project), .. Circles(project, assembly)];
    }

    private static IEnumerable<string> NamespaceFaults(string project)
    {
        var root = Path.Combine(LocalServer.Repository, project);
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            var folders = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Split(Path.DirectorySeparatorChar);
            if (folders[0] is "bin" or "obj" || NamespaceLine().Match(File.ReadAllText(file)) is not { Success: true } declared)
            {
                continue;
            }

            var expected = folders[0] == "." ? project : $"{project}.{string.Join('.', folders)}";
            if (declared.Groups[1].Value != expected)
            {
                yield return $"{Path.GetRelativePath(root, file)} has namespace {declared.Groups[1].Value}, not {expected}.";
            }
        }
    }

    private static IEnumerable<string> Circles(string project, Assembly assembly)
    {
        var arrows = new Dictionary<string, Dictionary<string, string>>();
        foreach (var type in assembly.GetTypes())
        {
            foreach (var known in KnownBy(type).SelectMany(Parts))
            {
                if (known.Assembly == assembly && NodeOf(project, type) is { } from && NodeOf(project, known) is { } to && from != to)
                {
                    arrows.TryAdd(from, []);
                    arrows[from].TryAdd(to, $"{type.Name} knows {known.Name}");
                }
            }
        }

        foreach (var (from, targets) in arrows)
        {
            foreach (var (to, example) in targets)
            {
                // Types of the root may know each other; a circle counts where a folder is in it.
                if (Reaches(arrows, to, from) && !(IsRootType(from) && IsRootType(to)))
                {
                    yield return $"{from} -> {to} ({example}), and {to} leads back to {from}.";
                }
            }
        }
    }

    private static bool IsRootType(string node) => node.StartsWith(':');

    private static string? NodeOf(string project, Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.Namespace == project ? $":{type.Name}"
            : type.Namespace?.StartsWith($"{project}.", StringComparison.Ordinal) == true ? type.Namespace[(project.Length + 1)..].Split('.')[0]
            : null;
    }

    private static bool Reaches(Dictionary<string, Dictionary<string, string>> arrows, string from, string to)
    {
        var (seen, next) = (new HashSet<string> { from }, new Stack<string>([from]));
        while (next.TryPop(out var node))
        {
            if (node == to)
            {
                return true;
            }

            foreach (var target in arrows.GetValueOrDefault(node)?.Keys.Where(seen.Add) ?? [])
            {
                next.Push(target);
            }
        }

        return false;
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? []
        : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];

    private static IEnumerable<Type> KnownBy(Type type) =>
        [
            .. type.BaseType is { } parent ? [parent] : Type.EmptyTypes,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetProperties(All).Select(property => property.PropertyType),
            .. type.GetMembers(All).SelectMany(member => member.CustomAttributes).Select(attribute => attribute.AttributeType),
            .. type.GetMethods(All).SelectMany(method => KnownBy(method, method.ReturnType)),
            .. type.GetConstructors(All).SelectMany(constructor => KnownBy(constructor, typeof(void))),
        ];

    private static IEnumerable<Type> KnownBy(MethodBase method, Type returned) =>
        [
            returned,
            .. method.GetParameters().Select(parameter => parameter.ParameterType),
            .. method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [],
            .. NamedIn(method),
        ];

    /// <summary>The types that a method's code names.</summary>
    private static List<Type> NamedIn(MethodBase method)
    {
        var types = new List<Type>();
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType?.GetGenericArguments();
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length; )
        {
            var value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            var opCode = OpCodesByValue[value];
            at += opCode.Size;
            if (opCode.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments);
                types.AddRange([
                    .. member is Type type ? [type] : Type.EmptyTypes,
                    .. member?.DeclaringType is { } owner ? [owner] : Type.EmptyTypes,
                ]);
                types.AddRange(member is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : []);
            }

            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }

        return types;
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}

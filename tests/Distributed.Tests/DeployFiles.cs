using System.Text.Json;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Testing;

namespace Distributed.Tests;

/// <summary>The files of deploy/, read strictly.</summary>
internal static partial class DeployFiles
{
    private static readonly string Folder = Path.Combine(LocalServer.Repository, "deploy");
    private static readonly Lazy<JsonElement> Parsed = new(() => NodeScript.Read("eng/compose.mjs", "deploy/compose.yaml"));

    // What Kubernetes' own types do not know by themselves.
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["autoscaling/v2/HorizontalPodAutoscaler"] = typeof(V2HorizontalPodAutoscaler),
        ["networking.k8s.io/v1/NetworkPolicy"] = typeof(V1NetworkPolicy),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
    };

    /// <summary>The services that deploy/images makes images of.</summary>
    public static IEnumerable<string> Images =>
        ImageList().Match(File.ReadAllText(Path.Combine(Folder, "images"))).Groups[1].Value.Split(' ').Select(service => service.Split('=')[0]);

    /// <summary>deploy/compose.yaml, which is valid by the schema of the Compose specification.</summary>
    public static JsonElement Compose => Parsed.Value;

    /// <summary>The services of Compose that have an image of ours.</summary>
    public static IEnumerable<string> ComposeServices =>
        Compose
            .GetProperty("services")
            .EnumerateObject()
            .Where(service => Text(service.Value, "image").Contains("taproom/"))
            .Select(service => service.Name);

    /// <summary>A service of Compose.</summary>
    public static JsonElement ComposeService(string name) => Compose.GetProperty("services").GetProperty(name);

    /// <summary>The environment of a service of Compose.</summary>
    public static Dictionary<string, string> ComposeEnvironment(string service) =>
        ComposeService(service)
            .GetProperty("environment")
            .EnumerateObject()
            .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!);

    /// <summary>The files that a folder of deploy/kubernetes has, without what is secret or kustomize's own.</summary>
    public static IEnumerable<string> KubernetesFiles(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Folder, "kubernetes", folder), "*.yaml")
            .Select(path => Path.GetFileName(path))
            .Where(name => name != "kustomization.yaml");

    /// <summary>What kustomize is told of a folder.</summary>
    public static string Kustomization(string folder) => Text(folder, "kustomization.yaml");

    /// <summary>A file of a folder.</summary>
    public static string Text(string folder, string name) => File.ReadAllText(Path.Combine(Folder, "kubernetes", folder, name));

    /// <summary>The objects in a file of Kubernetes; a member that Kubernetes does not know is refused.</summary>
    public static IReadOnlyList<object> Objects(string folder, string name) =>
        [.. KubernetesYaml.LoadAllFromString(Text(folder, name), Types, strict: true)];

    /// <summary>All objects of a type in a folder.</summary>
    public static IEnumerable<T> Objects<T>(string folder) => KubernetesFiles(folder).SelectMany(name => Objects(folder, name)).OfType<T>();

    /// <summary>The pods of the services, with their names and numbers.</summary>
    public static IEnumerable<(string Name, int? Replicas, V1PodSpec Pod)> Pods =>
        [
            .. Objects<V1Deployment>("base").Select(found => (found.Metadata.Name, found.Spec.Replicas, found.Spec.Template.Spec)),
            .. Objects<V1StatefulSet>("base").Select(found => (found.Metadata.Name, found.Spec.Replicas, found.Spec.Template.Spec)),
        ];

    /// <summary>The pods of a service.</summary>
    public static V1PodSpec Pod(string service) => Pods.Single(found => found.Name == service).Pod;

    /// <summary>The container of a service.</summary>
    public static V1Container Container(string service) => Pod(service).Containers.Single();

    /// <summary>Fills in the variables of a text of Compose; one that must be set and is not ends in its words, as Compose has it.</summary>
    public static string Interpolate(string text, IReadOnlyDictionary<string, string> variables) =>
        Variable()
            .Replace(
                text,
                match =>
                    variables.TryGetValue(match.Groups["name"].Value, out var value) ? value
                    : match.Groups["kind"].Value == ":-" ? match.Groups["word"].Value
                    : throw new InvalidOperationException($"{match.Groups["name"].Value} {match.Groups["word"].Value}")
            );

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;

    [GeneratedRegex(@"^services=\((.*)\)$", RegexOptions.Multiline)]
    private static partial Regex ImageList();

    [GeneratedRegex(@"\$\{(?<name>\w+)(?<kind>:[-?])(?<word>[^}]*)\}")]
    private static partial Regex Variable();
}

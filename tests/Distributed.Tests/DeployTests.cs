using System.Text.Json;
using AppHost;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Testing;

namespace Distributed.Tests;

/// <summary>What deploy/ starts is what the AppHost starts: the same services, with the same names of environment variables, ports and stores.</summary>
public sealed class DeployTests : IClassFixture<DeployTests.Model>
{
    private readonly Model _model;

    /// <summary>Takes the AppHost's model.</summary>
    public DeployTests(Model model) => _model = model;

    private static readonly string[] Names = ["consumer-worker", "dashboard-web", "ingest-api", "mqtt-bridge"];

    public static TheoryData<string> Services => [.. Names];

    public static TheoryData<string, string> KubernetesFiles
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in (string[])["base", "small", "large"])
            {
                foreach (var file in DeployFiles.KubernetesFiles(folder))
                {
                    data.Add(folder, file);
                }
            }

            return data;
        }
    }

    [Fact]
    public void There_are_the_same_services_everywhere()
    {
        var services = _model.Projects.Select(project => project.Name).Where(name => name is not ("tap-simulator" or "load-generator")).Order();
        Assert.Equal(services, Names);
        Assert.Equal(services, DeployFiles.ComposeServices.Order());
        Assert.Equal(services, DeployFiles.Pods.Select(found => found.Name).Order());
        Assert.Equal(services, DeployFiles.Images.Order());
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_service_has_the_environment_that_the_AppHost_gives_it(string service)
    {
        string[] expected =
        [
            .. (await _model.EnvironmentAsync(service))
                .Concat(["ASPNETCORE_HTTP_PORTS", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT"])
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

        var compose = DeployFiles.ComposeEnvironment(service);
        Assert.Equal(expected, compose.Keys.Order(StringComparer.Ordinal));
        var kubernetes = DeployFiles.Container(service).Env;
        Assert.Equal(expected, kubernetes.Select(variable => variable.Name).Order(StringComparer.Ordinal));
        // What is no secret has the same value in both.
        Assert.All(
            kubernetes.Where(variable => variable.ValueFrom is null),
            variable => Assert.Equal(variable.Value ?? "", DeployFiles.Interpolate(compose[variable.Name], new Dictionary<string, string>()))
        );
    }

    [Theory, MemberData(nameof(Services))]
    public void A_service_has_the_ports_of_the_AppHost(string service)
    {
        var endpoints = _model.Project(service).Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Name).Order().ToList();
        Assert.Equal(endpoints, DeployFiles.Container(service).Ports.Select(port => port.Name).Order());

        var ports = new PortSettings();
        string[] published = service switch
        {
            "mqtt-bridge" => [$"${{MQTT_PORT:-{ports.Mqtt}}}:1883"],
            "ingest-api" => [$"${{API_PORT:-{ports.Api}}}:8080"],
            "dashboard-web" => [$"${{PAGE_PORT:-{ports.Page}}}:8080"],
            _ => [],
        };
        Assert.Equal(
            published,
            DeployFiles.ComposeService(service).TryGetProperty("ports", out var found) ? found.EnumerateArray().Select(port => port.GetString()) : []
        );
    }

    [Theory, MemberData(nameof(Services))]
    public void A_service_waits_for_what_it_waits_for_under_the_AppHost(string service)
    {
        string[] waits =
        [
            .. _model.Project(service).Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name),
            .. service == "consumer-worker" ? (string[])["archive-folder"] : [],
        ];
        Assert.Equal(
            waits.Order(),
            DeployFiles.ComposeService(service).GetProperty("depends_on").EnumerateObject().Select(other => other.Name).Order()
        );
    }

    [Theory, MemberData(nameof(Services))]
    public void A_service_runs_as_nobody_and_can_write_nothing_but_tmp(string service)
    {
        var compose = DeployFiles.ComposeService(service);
        Assert.True(compose.GetProperty("read_only").GetBoolean());
        Assert.Equal("1654:1654", compose.GetProperty("user").GetString());
        Assert.Equal(["ALL"], compose.GetProperty("cap_drop").EnumerateArray().Select(name => name.GetString()));

        var pod = DeployFiles.Pod(service);
        var context = DeployFiles.Container(service).SecurityContext;
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(context.ReadOnlyRootFilesystem);
        Assert.False(context.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], context.Capabilities.Drop);
    }

    [Theory, MemberData(nameof(Services))]
    public void Kubernetes_asks_a_service_for_its_health_bounds_it_and_keeps_one_of_it_while_nodes_go(string service)
    {
        var container = DeployFiles.Container(service);
        Assert.Equal(
            ["/alive http", "/alive http", "/health http"],
            new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }.Select(probe =>
                $"{probe.HttpGet.Path} {probe.HttpGet.Port.Value}"
            )
        );
        Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Order());
        Assert.Equal(["memory"], container.Resources.Limits.Keys);
        Assert.Single(DeployFiles.Objects<V1PodDisruptionBudget>("base"), budget => budget.Spec.Selector.MatchLabels.Values.Contains(service));
        Assert.Single(DeployFiles.Objects<V2HorizontalPodAutoscaler>("large"), scaler => scaler.Spec.ScaleTargetRef.Name == service);
    }

    [Fact]
    public void As_many_workers_run_as_under_the_AppHost()
    {
        var replicas = _model.Project("consumer-worker").Annotations.OfType<ReplicaAnnotation>().Single().Replicas;
        Assert.Equal(replicas, DeployFiles.ComposeService("consumer-worker").GetProperty("deploy").GetProperty("replicas").GetInt32());
        Assert.Equal(replicas, DeployFiles.Pods.Single(found => found.Name == "consumer-worker").Replicas);
    }

    [Theory]
    [InlineData("redis", "--appendonly yes --appendfsync always", "--maxmemory-policy noeviction")]
    [InlineData("postgres", "max_connections=200")]
    public async Task A_store_is_the_one_of_the_AppHost_with_its_settings(string store, params string[] settings)
    {
        var builder = TaproomApp.Builder();
        builder.AddStores(new TaproomSettings { Containers = true });
        var resource = builder.Resources.Single(resource => resource.Name == store);
        var image = resource.Annotations.OfType<ContainerImageAnnotation>().Single();
        var arguments = await ExecutionConfigurationBuilder
            .Create(resource)
            .WithArgumentsConfig()
            .BuildAsync(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), NullLogger.Instance, CancellationToken.None);
        var compose = DeployFiles.ComposeService(store);
        var kubernetes = Assert.Single(DeployFiles.Objects<V1StatefulSet>("small"), set => set.Metadata.Name == store).Spec.Template.Spec.Containers[
            0
        ];

        Assert.Equal($"{image.Image}:{image.Tag}".Split('/')[^1], compose.GetProperty("image").GetString());
        Assert.Equal(compose.GetProperty("image").GetString(), kubernetes.Image);
        Assert.All(
            settings,
            setting =>
            {
                Assert.Contains(setting, string.Join(' ', arguments.Arguments.Select(argument => argument.Value)));
                Assert.Contains(setting, string.Join(' ', compose.GetProperty("command").EnumerateArray()));
                Assert.Contains(setting, string.Join(' ', (kubernetes.Command ?? []).Concat(kubernetes.Args ?? [])));
            }
        );
        var (service, policy) = (DeployFiles.Objects<V1Service>("small"), DeployFiles.Objects<V1NetworkPolicy>("small"));
        Assert.Equal("None", Assert.Single(service, service => service.Metadata.Name == store).Spec.ClusterIP);
        Assert.Single(policy, policy => policy.Metadata.Name == store);
    }

    [Theory, MemberData(nameof(KubernetesFiles))]
    public void Kubernetes_knows_every_member_of_a_file_and_kustomize_the_file(string folder, string file)
    {
        Assert.NotEmpty(DeployFiles.Objects(folder, file));
        Assert.Matches($@"(?m)^  - (path: )?{file}$", DeployFiles.Kustomization(folder));
    }

    [Fact]
    public void A_secret_is_asked_for_by_a_key_that_the_examples_have()
    {
        foreach (var folder in (string[])["small", "large"])
        {
            var containers = DeployFiles
                .Pods.Select(found => found.Pod)
                .Concat(DeployFiles.Objects<V1StatefulSet>(folder).Select(set => set.Spec.Template?.Spec).OfType<V1PodSpec>())
                .SelectMany(pod => pod.Containers);
            var asked = containers
                .SelectMany(container => container.Env)
                .Select(variable => variable.ValueFrom?.SecretKeyRef)
                .OfType<V1SecretKeySelector>()
                .ToList();
            var keys = DeployFiles
                .Text(folder, "secrets.env.example")
                .Split('\n')
                .Where(line => line.Contains('=') && line[0] != '#')
                .Select(line => line.Split('=')[0]);
            Assert.Equal(asked.Select(secret => secret.Key).Distinct().Order(), keys.Order());
            Assert.All(asked, secret => Assert.Equal("taproom", secret.Name));
        }
    }

    [Fact]
    public void A_secret_that_Compose_misses_is_named()
    {
        string[] secrets = ["ADMIN_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"];
        foreach (var secret in secrets)
        {
            var others = secrets.Except([secret]).ToDictionary(name => name, _ => "known");
            var problem = Assert.Throws<InvalidOperationException>(() => DeployFiles.Interpolate(DeployFiles.Compose.GetRawText(), others));
            Assert.Equal($"{secret} is missing, see the head of compose.yaml", problem.Message);
        }
    }

    /// <summary>The AppHost's model, of which nothing is started.</summary>
    public sealed class Model : IAsyncLifetime
    {
        // Of a run under Aspire, or the pieces of a connection string, or the same address in another form.
        private static readonly string[] Aspires = ["ASPNETCORE_", "DOTNET_", "LOGGING__", "OTEL_", "REDIS_", "TAPROOMDB_", "INGEST_API_"];

        private readonly string _data = Directory.CreateTempSubdirectory("taproom-").FullName;
        private IDistributedApplicationTestingBuilder? _builder;

        /// <summary>Its projects.</summary>
        public IEnumerable<ProjectResource> Projects => _builder!.Resources.OfType<ProjectResource>();

        /// <inheritdoc />
        public async Task InitializeAsync() =>
            _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([
                .. TaproomApp.Settings(_data),
                .. TaproomApp.Secrets,
            ]);

        /// <inheritdoc />
        public async Task DisposeAsync()
        {
            await _builder!.DisposeAsync();
            Directory.Delete(_data, recursive: true);
        }

        /// <summary>A project.</summary>
        public ProjectResource Project(string name) => Projects.Single(project => project.Name == name);

        /// <summary>The names of what a project is given that is Taproom's own.</summary>
        public async Task<IEnumerable<string>> EnvironmentAsync(string name)
        {
            var context = new EnvironmentCallbackContext(_builder!.ExecutionContext, Project(name));
            foreach (var annotation in Project(name).Annotations.OfType<EnvironmentCallbackAnnotation>())
            {
                await annotation.Callback(context);
            }

            return context.EnvironmentVariables.Keys.Where(name => !Aspires.Any(start => name.StartsWith(start, StringComparison.Ordinal)));
        }
    }
}

using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Adds connection strings made of other resources.</summary>
public static partial class ConnectionStringBuilderExtensions
{
    /// <summary>Adds a connection string. It counts as running when all resources in its expression run.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
    {
        var added = builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
        foreach (var resource in References.Of(connectionStringExpression).Where(r => r is not (IResourceWithoutLifetime or ParameterResource)))
        {
            added.WaitForStart(builder.CreateResourceBuilder(resource));
        }
        return added
            .WithReferenceRelationship(connectionStringExpression)
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "ConnectionString", Properties = [], State = KnownResourceStates.NotStarted,
            })
            .OnInitializeResource(InitializeAsync);
    }

    /// <summary>Adds a connection string. It counts as running when all resources in its expression run.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
    {
        var expression = new ReferenceExpressionBuilder();
        connectionStringBuilder(expression);
        return builder.AddConnectionString(name, expression.Build());
    }

    private static async Task InitializeAsync(ConnectionStringResource resource, InitializeResourceEvent started, CancellationToken cancellationToken)
    {
        try
        {
            await started.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, started.Services), cancellationToken);
            await started.Notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Running });
            await started.Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, started.Services), cancellationToken);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(started.Logger, ex, resource.Name);
            await started.Notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.FailedToStart });
        }
    }

    [LoggerMessage(LogLevel.Error, "Connection string '{Resource}' could not be resolved.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string resource);
}

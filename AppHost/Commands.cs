using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace AppHost;

/// <summary>What the dashboard, and <c>aspire resource</c>, can ask of a resource.</summary>
internal static class Commands
{
    private const string TapId = "tap";

    /// <summary>Lets the simulated taps do what an evening brings.</summary>
    public static IResourceBuilder<ProjectResource> WithTapCommands(this IResourceBuilder<ProjectResource> simulator) =>
        simulator
            .WithTapCommand("pour", "pour-100", "Pour 100", "Pours 100 glasses at once.", "DrinkBeer")
            .WithTapCommand("rush-hour", "rush-hour", "Rush hour", "The taps pour ten times as fast for a minute.", "TopSpeed")
            .WithTapCommand("break-connections", "break-connections", "Break connections", "Cuts every tap's connection.", "PlugDisconnected");

    /// <summary>Gives a tap of the API a new token, and shows it once.</summary>
    public static IResourceBuilder<ProjectResource> WithNewTokenCommand(
        this IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ParameterResource> adminKey
    ) =>
        api.WithHttpCommand(
            "/api/taps",
            "New tap token",
            endpointName: "http",
            commandName: "new-tap-token",
            commandOptions: new()
            {
                Description = "Makes a new token for a tap; the one before stays valid for an hour.",
                IconName = "Key",
                Arguments =
                [
                    new()
                    {
                        Name = TapId,
                        Label = "Tap id",
                        InputType = InputType.Number,
                        Required = true,
                    },
                ],
                PrepareRequest = async context =>
                {
                    context.Request.RequestUri = new Uri($"{context.Endpoint.Url}/api/taps/{context.Arguments.GetInt32(TapId)}/token");
                    context.Request.Headers.Authorization = await KeyAsync(adminKey, context.CancellationToken);
                },
                GetCommandResult = async context =>
                    context.Response.IsSuccessStatusCode
                        ? CommandResults.Success(
                            "The token is shown this once.",
                            new CommandResultData { Value = await TokenAsync(context), DisplayImmediately = true }
                        )
                        : CommandResults.Failure(await DetailAsync(context.Response, context.CancellationToken)),
            }
        );

    /// <summary>Moves all that was set aside back into the stream, by way of the API.</summary>
    public static IResourceBuilder<ProjectResource> WithRequeueCommand(
        this IResourceBuilder<ProjectResource> worker,
        IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ParameterResource> adminKey
    ) =>
        worker.WithCommand(
            "requeue-dead-letters",
            "Requeue dead letters",
            async context =>
            {
                using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
                client.BaseAddress = new Uri(api.GetEndpoint("http").Url);
                client.DefaultRequestHeaders.Authorization = await KeyAsync(adminKey, context.CancellationToken);
                return await RequeueAsync(client, context.CancellationToken);
            },
            new() { Description = "Tries all that was set aside once more.", IconName = "ArrowRepeatAll" }
        );

    private static IResourceBuilder<ProjectResource> WithTapCommand(
        this IResourceBuilder<ProjectResource> simulator,
        string call,
        string name,
        string displayName,
        string description,
        string icon
    ) =>
        simulator.WithHttpCommand(
            $"/commands/{call}",
            displayName,
            endpointName: "http",
            commandName: name,
            commandOptions: new()
            {
                Description = description,
                IconName = icon,
                IsHighlighted = true,
                GetCommandResult = async context =>
                    context.Response.IsSuccessStatusCode
                        ? CommandResults.Success(await context.Response.Content.ReadAsStringAsync(context.CancellationToken))
                        : CommandResults.Failure(await DetailAsync(context.Response, context.CancellationToken)),
            }
        );

    // One call puts back what it can within a second; the next goes on there, up to what was the newest when the first was made.
    private static async Task<ExecuteCommandResult> RequeueAsync(HttpClient api, CancellationToken cancellationToken)
    {
        var (requeued, refused) = (0, 0);
        for (var next = "/api/dead-letters/requeue"; next is not null; )
        {
            using var answer = await api.PostAsync(next, null, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                return CommandResults.Failure(
                    $"{requeued} dead letters are on their way again, then: {await DetailAsync(answer, cancellationToken)}"
                );
            }

            var count = await answer.Content.ReadFromJsonAsync<RequeuedCount>(cancellationToken);
            (requeued, refused) = (requeued + count!.Requeued, refused + count.Refused);
            next = answer.Headers.TryGetValues("Link", out var links) && links.First().Split('<', '>') is [_, var more, ..] ? more : null;
        }

        return CommandResults.Success($"{requeued} dead letters are on their way again, {refused} can never be stored.");
    }

    // What a problem document says, in the words of the service.
    private static async Task<string> DetailAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("detail").GetString()!
            : $"The service answered {(int)answer.StatusCode}.";

    private static async Task<string> TokenAsync(HttpCommandResultContext context) =>
        (await context.Response.Content.ReadFromJsonAsync<JsonElement>(context.CancellationToken)).GetProperty("token").GetString()!;

    private static async Task<AuthenticationHeaderValue> KeyAsync(
        IResourceBuilder<ParameterResource> adminKey,
        CancellationToken cancellationToken
    ) => new("Bearer", await adminKey.Resource.GetValueAsync(cancellationToken));

    private sealed record RequeuedCount(int Requeued, int Refused);
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;
using Taproom;

namespace Dashboard.Web.Access;

/// <summary>Calls Ingest.Api as the visitor of this page, for components of every kind. Never throws for what the API or the network does.</summary>
/// <remarks>
/// When the session has ended, the browser is asked for a newer one (somebody signs in in another tab) and the call is made once more; without
/// one, <see cref="HasEnded"/> is true, the layout says so, and the page keeps what was typed.
/// </remarks>
internal sealed partial class TaproomApi(
    IHttpClientFactory clients,
    AuthenticationStateProvider authentication,
    SessionRenewal renewal,
    SessionCheck sessions,
    VisitorAddress addresses,
    IStringLocalizer<Texts> texts,
    ILogger<TaproomApi> logger
)
{
    /// <summary>Name of the client that finds Ingest.Api.</summary>
    public const string ClientName = "ingest-api";

    /// <summary>Tells that <see cref="HasEnded"/> has changed.</summary>
    public event Action? Changed;

    /// <summary>Whether the last call was refused because the visitor's session has ended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads.</summary>
    /// <typeparam name="T">What the body holds; times, camel case and enums as the API writes them.</typeparam>
    /// <param name="path">Path and query, for example <c>api/users?page_size=50</c>.</param>
    /// <param name="cancellationToken">Ends the wait, with an <see cref="OperationCanceledException"/>.</param>
    public Task<ApiAnswer<T>> GetAsync<T>(string path, CancellationToken cancellationToken = default) =>
        SendAsync<T>(HttpMethod.Get, path, cancellationToken: cancellationToken);

    /// <summary>Writes, where the body of the answer does not matter or is read as JSON.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, for example <c>api/kegs</c>.</param>
    /// <param name="body">What is sent as JSON, in camel case and without members that are null, or a <see cref="RawBody"/>; null for no body.</param>
    /// <param name="ifMatch">The edition that is to be changed; null for whichever it is.</param>
    public Task<ApiAnswer<JsonElement>> SendAsync(HttpMethod method, string path, object? body = null, string? ifMatch = null) =>
        SendAsync<JsonElement>(method, path, body, ifMatch);

    /// <summary>Writes, and reads the body of the answer.</summary>
    /// <inheritdoc cref="SendAsync(HttpMethod, string, object?, string?)" />
    public async Task<ApiAnswer<T>> SendAsync<T>(
        HttpMethod method,
        string path,
        object? body = null,
        string? ifMatch = null,
        CancellationToken cancellationToken = default
    )
    {
        var visitor = (await authentication.GetAuthenticationStateAsync()).User;
        var answer = await TryAsync<T>(visitor, method, path, body, ifMatch, cancellationToken);
        if (answer.HasEnded && visitor.Token() is { } ended)
        {
            // Else the page to sign in would go on for a while to say that somebody is.
            sessions.MarkEnded(ended);
        }

        if (answer.HasEnded && await renewal.RenewAsync(visitor.Token(), cancellationToken) is { } renewed)
        {
            answer = await TryAsync<T>(renewed, method, path, body, ifMatch, cancellationToken);
        }

        if (HasEnded != answer.HasEnded)
        {
            HasEnded = answer.HasEnded;
            Changed?.Invoke();
        }

        return answer;
    }

    private async Task<ApiAnswer<T>> TryAsync<T>(
        ClaimsPrincipal visitor,
        HttpMethod method,
        string path,
        object? body,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var request = new HttpRequestMessage(method, path)
            {
                Content = body switch
                {
                    null => null,
                    RawBody raw => raw.ToContent(),
                    _ => JsonContent.Create(body, body.GetType(), options: ApiJson.Options),
                },
            };
            if (visitor.Token() is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            if (visitor.Address() is { } address)
            {
                request.Headers.Add(VisitorAddress.Header, addresses.Write(address));
            }

            if (ifMatch is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            }

            using var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(request, cancellationToken);
            var answer = await ApiJson.ReadAsync<T>(response, cancellationToken);
            return answer.Status switch
            {
                HttpStatusCode.Unauthorized => answer with { Problem = texts["You are not signed in any more."] },
                HttpStatusCode.Forbidden => answer with { Problem = texts["Your role does not allow that."] },
                _ => answer with { Problem = texts.Refusal(answer.Problem) },
            };
        }
        catch (Exception ex)
            when (ex is HttpRequestException or JsonException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            LogAway(method, path.Split('?')[0], ex.Message);
            return new ApiAnswer<T>(null, default, null, texts["Ingest.Api does not answer. Try again in a moment."], null);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Ingest.Api does not answer {Method} {Path}: {Message}")]
    private partial void LogAway(HttpMethod method, string path, string message);
}

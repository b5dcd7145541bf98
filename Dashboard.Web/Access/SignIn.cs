using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Localization;
using Taproom;

namespace Dashboard.Web.Access;

/// <summary>Signs a browser in and out. The token of the API is nowhere but in the browser's encrypted cookie.</summary>
internal sealed partial class SignIn(
    IHttpClientFactory clients,
    SharedKeys keys,
    VisitorAddress addresses,
    IStringLocalizer<Texts> texts,
    ILogger<SignIn> logger
)
{
    private static readonly TimeSpan KeysPatience = TimeSpan.FromSeconds(10);

    /// <summary>Checks name and password by Ingest.Api, and gives the browser its cookie.</summary>
    /// <returns>Why it was refused, for people; null when it was not.</returns>
    public async Task<string?> EnterAsync(HttpContext context, string? name, string? password)
    {
        // Else the cookie would be good at this replica alone, and until it ends.
        if (!await keys.AreReadAsync(KeysPatience))
        {
            return texts["Postgres does not answer, so nobody can sign in now. Try again in a moment."];
        }

        try
        {
            using var client = clients.CreateClient(TaproomApi.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/sessions")
            {
                Content = JsonContent.Create(new { name = name ?? "", password = password ?? "" }),
            };
            if (context.Connection.RemoteIpAddress is { } address)
            {
                request.Headers.Add(VisitorAddress.Header, addresses.Write(address));
            }

            using var response = await client.SendAsync(request, context.RequestAborted);
            var answer = await ApiJson.ReadAsync<Begun>(response, context.RequestAborted);
            if (answer is not { IsSuccess: true, Value: { } session })
            {
                return answer.Status switch
                {
                    // One sentence for all of these, as the API says it: which it was tells nothing to who guesses.
                    HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest => texts[
                        "The name or the password is wrong, or there were too many wrong ones: then wait a while, or ask an admin to set a new password."
                    ],
                    HttpStatusCode.TooManyRequests => texts["Too many tries to sign in came from here. Wait a minute."],
                    _ => texts.Refusal(answer.Problem),
                };
            }

            await context.SignInAsync(
                CookieAuthenticationDefaults.AuthenticationScheme,
                Visitors.Of(session.Name, session.Role, session.Token),
                new AuthenticationProperties { IsPersistent = true, ExpiresUtc = session.ExpiresAt }
            );
            return null;
        }
        catch (Exception ex)
            when (ex is HttpRequestException or JsonException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            LogAway(ex.Message);
            return texts["Ingest.Api does not answer. Try again in a moment."];
        }
    }

    /// <summary>Ends the session and takes the cookie away.</summary>
    public static async Task LeaveAsync(HttpContext context, TaproomApi api)
    {
        // While the API is away the cookie goes all the same; the session ends by itself.
        await api.SendAsync(HttpMethod.Delete, "api/sessions/current");
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    [LoggerMessage(LogLevel.Warning, "Ingest.Api does not answer who wants to sign in: {Message}")]
    private partial void LogAway(string message);

    private sealed record Begun(string Token, string Name, string Role, DateTimeOffset ExpiresAt);
}

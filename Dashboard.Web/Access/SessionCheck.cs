using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Caching.Memory;

namespace Dashboard.Web.Access;

/// <summary>Lets a cookie in only as long as Ingest.Api knows its session; asked once in a while, and believed while the API is away.</summary>
internal sealed class SessionCheck(IHttpClientFactory clients, IMemoryCache answers)
{
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Checks the cookie of a request, and notes where its browser is.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        if (context.Principal?.Token() is not { } token || await http.RequestServices.GetRequiredService<SessionCheck>().HasEndedAsync(token))
        {
            context.RejectPrincipal();
            await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return;
        }

        context.Principal.AddAddress(http.Connection.RemoteIpAddress);
    }

    /// <summary>Ingest.Api has refused this token: cookies with it are not believed any more.</summary>
    public void MarkEnded(string token) => answers.Set((typeof(SessionCheck), token), true, AnswerLifetime);

    /// <summary>Asks whose session a token is of; null when Ingest.Api does not answer.</summary>
    public async Task<ApiAnswer<Session>?> FindAsync(string token)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var client = clients.CreateClient(TaproomApi.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/sessions/current");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, patience.Token);
            return await ApiJson.ReadAsync<Session>(response, patience.Token);
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or OperationCanceledException)
        {
            return null;
        }
    }

    private Task<bool> HasEndedAsync(string token) =>
        answers.GetOrCreateAsync(
            (typeof(SessionCheck), token),
            async entry =>
            {
                entry.AbsoluteExpirationRelativeToNow = AnswerLifetime;
                return await FindAsync(token) is { HasEnded: true };
            }
        );
}

/// <summary>A session, as Ingest.Api tells of it.</summary>
/// <param name="Name">Who has signed in.</param>
/// <param name="Role">What they may do.</param>
internal sealed record Session(string Name, string Role);

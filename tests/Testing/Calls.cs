using System.Net;
using System.Net.Http.Json;

namespace Testing;

/// <summary>Calls of the API as a client should make them: what is answered 503, as a busy machine answers too, is sent again.</summary>
public static class Calls
{
    /// <summary>A client that comes again by itself. Not for what cannot be sent twice.</summary>
    public static HttpClient Client(string address) =>
        new(new Patient { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = new Uri(address) };

    /// <summary>Posts what is answered 409 when it is there already, as it is where a call added it that was answered too late.</summary>
    /// <param name="api">Comes again by itself.</param>
    /// <param name="path">Where to.</param>
    /// <param name="body">Sent as JSON.</param>
    public static async Task AddAsync(this HttpClient api, string path, object body)
    {
        using var added = await api.PostAsJsonAsync(path, body);
        if (added.StatusCode is not HttpStatusCode.Conflict)
        {
            added.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Sends something until it is answered otherwise.</summary>
    /// <param name="send">Sends it, with a new message each time.</param>
    public static Task<HttpResponseMessage> AnsweredAsync(Func<Task<HttpResponseMessage>> send) =>
        Eventually.ValueAsync(
            async () =>
            {
                var response = await send();
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    return response;
                }

                response.Dispose();
                return null;
            },
            "an answer other than 503"
        );

    private sealed class Patient : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            AnsweredAsync(() => base.SendAsync(request, cancellationToken));
    }
}

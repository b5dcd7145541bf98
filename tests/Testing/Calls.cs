using System.Net;

namespace Testing;

/// <summary>Calls of the API as a client should make them: what is answered 503, as a busy machine answers too, is sent again.</summary>
public static class Calls
{
    /// <summary>A client that comes again by itself. Not for what cannot be sent twice.</summary>
    public static HttpClient Client(string address) =>
        new(new Patient { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = new Uri(address) };

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

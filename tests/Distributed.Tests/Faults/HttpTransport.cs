using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Distributed.Tests.Faults;

/// <summary>The API.</summary>
/// <param name="port">Its port on loopback.</param>
/// <param name="tokens">The taps' tokens.</param>
internal sealed class HttpTransport(int port, IReadOnlyDictionary<int, string> tokens) : ITapTransport
{
    /// <inheritdoc />
    public Task<ITapConnection> OpenAsync(int tap, Action<IReadOnlyList<Guid>> stored, CancellationToken cancellationToken) =>
        Task.FromResult<ITapConnection>(new Connection(port, tokens[tap]));

    private sealed class Connection : ITapConnection
    {
        private readonly HttpClient _http;

        public Connection(int port, string token)
        {
            _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(5) };
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        public int Window => 1;

        public CancellationToken Lost => CancellationToken.None;

        public async Task SendAsync(PourRecord pour, CancellationToken cancellationToken)
        {
            using var body = new StringContent(pour.ToJson(), Encoding.UTF8, "application/json");
            using var answer = await _http.PostAsync("/api/beers", body, cancellationToken);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.Created or HttpStatusCode.OK:
                    return;
                case HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests:
                    throw new IOException($"The API answers {(int)answer.StatusCode}.");
                default:
                    throw new UnexpectedAnswerException($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
        }

        public void Dispose() => _http.Dispose();
    }
}

using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Ingest.Api.Http;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Meters;

/// <summary>A poll failed; the message may be shown to whoever looks after the meter.</summary>
/// <param name="message">Why, in one sentence.</param>
/// <param name="errorType">The same in a word, for telemetry.</param>
internal sealed class MeterException(string message, string errorType = "bad_answer") : Exception(message)
{
    /// <summary>Why, in a word: <c>error.type</c> of a span.</summary>
    public string ErrorType => errorType;
}

/// <summary>Asks a meter for a reading.</summary>
internal sealed class MeterClient(IHttpClientFactory clients, IDataProtector passwords, IOptions<MeterOptions> options, TimeProvider time)
{
    /// <summary>Name of the HTTP client, whose connections all meters share.</summary>
    public const string ClientName = "meters";

    /// <summary>Polls once.</summary>
    /// <returns>The reading, a JSON object in UTF-8.</returns>
    /// <exception cref="MeterException">It refused, hung, or answered with something else.</exception>
    public async Task<byte[]> ReadAsync(Meter meter, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var request = Request(meter);
            using var response = await clients.CreateClient(ClientName).SendAsync(request, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new MeterException($"The meter answered with status {(int)response.StatusCode}.", $"{(int)response.StatusCode}");
            }

            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return meter.Kind == MeterKinds.Rainforest ? RainforestAnswer.ToJson(body) : Checked(body);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new MeterException("The meter did not answer in time.", "timeout");
        }
        catch (HttpRequestException ex)
        {
            throw new MeterException($"The meter cannot be reached ({ex.HttpRequestError}).", "unreachable");
        }
        catch (CryptographicException ex) when (!FailureHandler.IsAway(ex))
        {
            throw new MeterException("The meter's password cannot be decrypted any more; post the meter again.", "password_lost");
        }
    }

    private HttpRequestMessage Request(Meter meter)
    {
        var password = Encoding.UTF8.GetString(passwords.Unprotect(meter.Secret));
        if (meter.Kind == MeterKinds.Rainforest)
        {
            var post = new HttpRequestMessage(HttpMethod.Post, meter.Address.TrimEnd('/') + RainforestAnswer.Path)
            {
                Content = new StringContent(RainforestAnswer.Command, Encoding.UTF8, "text/xml"),
            };
            post.Headers.TryAddWithoutValidation("Cloud-ID", meter.Id);
            post.Headers.TryAddWithoutValidation("User", meter.User);
            post.Headers.TryAddWithoutValidation("Password", password);
            return post;
        }

        var get = new HttpRequestMessage(HttpMethod.Get, meter.Address);
        if (meter.User.Length > 0)
        {
            var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{meter.User}:{password}"));
            get.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        }

        return get;
    }

    private static byte[] Checked(byte[] body)
    {
        if (!StrictJson.TryParseObject(body, out var document, out _))
        {
            throw new MeterException("The meter's answer is not a JSON object.");
        }

        document.Dispose();
        return body;
    }
}

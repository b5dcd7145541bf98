using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Testing;

namespace Benchmarks;

/// <summary>Taps as a bar has them: registered, with names, and a keg on each.</summary>
internal static class RegisteredTaps
{
    /// <summary>Registers taps over the API, and gives each a full keg.</summary>
    /// <param name="run">The run.</param>
    /// <param name="services">The API among them, running.</param>
    /// <param name="count">How many taps; their ids begin with 1.</param>
    public static async Task AddAsync(Run run, Services services, int count)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{services.ApiPort.ToString(CultureInfo.InvariantCulture)}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Services.AdminKey);
        int[] taps = [.. Enumerable.Range(1, count)];
        var lines = string.Join('\n', taps.Select(tap => $$"""{"id":{{tap}},"name":"Counter {{tap}} by the window"}"""));
        using var import = new StringContent(lines, Encoding.UTF8, "application/jsonl");
        await DoneAsync(() => http.PostAsync("/api/taps/import", import, run.Stopping));
        foreach (var tap in taps)
        {
            var keg = new { beverage = $"Beer number {tap} of the house", sizeMl = 30_000 };
            await DoneAsync(() => http.PutAsJsonAsync($"/api/taps/{tap}/keg", keg, run.Stopping));
        }
    }

    // The first calls of a process may take longer on a busy machine than it waits for Postgres.
    private static Task DoneAsync(Func<Task<HttpResponseMessage>> ask) =>
        Eventually.TrueAsync(
            async () =>
            {
                using var answer = await ask();
                return answer.StatusCode is not HttpStatusCode.ServiceUnavailable && answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
            },
            "the API takes taps and kegs"
        );
}

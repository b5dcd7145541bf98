using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;

namespace Tap.Simulator.Tests;

public sealed class SimulatedMeterTests
{
    private const string Command = "<Command><Name>get_instantaneous_demand</Name></Command>";

    [Fact]
    public void Demand_follows_the_day_and_one_seed_gives_the_same_readings()
    {
        var (one, other) = (Meter(), Meter());
        var day = Enumerable.Range(0, 24 * 60).Select(minute => new TimeOnly(0, 0).AddMinutes(minute)).ToList();

        var demand = day.Select(one.DemandW).ToList();

        Assert.Equal(demand, day.Select(other.DemandW));
        Assert.All(demand, watts => Assert.InRange(watts, 1_000, 6_300));
        Assert.True(demand[20 * 60] > 3 * demand[3 * 60]);

        static SimulatedMeter Meter() => new(1, new MeterOptions(), _ => new Random(7));
    }

    [Fact]
    public async Task A_gateway_answers_the_demand_to_whoever_knows_its_password()
    {
        await using var simulator = await StartAsync();
        using var http = Client(simulator);

        var answer = XElement.Parse(await PostAsync(http, "000001", "ann", "secret"));

        Assert.Equal("InstantaneousDemand", answer.Name.LocalName);
        Assert.Equal(
            ["DeviceMacId", "MeterMacId", "TimeStamp", "Demand", "Multiplier", "Divisor", "DigitsRight", "DigitsLeft", "SuppressLeadingZero"],
            answer.Elements().Select(element => element.Name.LocalName)
        );
        Assert.InRange(Convert.ToInt32(answer.Element("Demand")!.Value, 16), 1_000, 6_300);
        Assert.Equal(1_000, Convert.ToInt32(answer.Element("Divisor")!.Value, 16));
    }

    [Theory]
    [InlineData("000001", "ann", "wrong", Command, "Invalid user or password")]
    [InlineData("000001", "bob", "secret", Command, "Invalid user or password")]
    [InlineData("000002", "ann", "secret", Command, "Unknown Cloud-ID")]
    [InlineData("1", "ann", "secret", Command, "Unknown Cloud-ID")]
    [InlineData("000001", "ann", "secret", "<Command><Name>reboot</Name></Command>", "Unknown command")]
    [InlineData("000001", "ann", "secret", "reboot", "Unknown command")]
    public async Task A_gateway_refuses_with_an_error_of_its_own(string id, string user, string password, string body, string expected)
    {
        await using var simulator = await StartAsync();
        using var http = Client(simulator);

        Assert.Equal($"<Error><Text>{expected}</Text></Error>", await PostAsync(http, id, user, password, body));
    }

    [Fact]
    public async Task A_meter_of_kind_json_asks_for_its_password()
    {
        await using var simulator = await StartAsync();
        using var http = Client(simulator);
        using var anonymous = await http.GetAsync("/meters/000002");
        http.DefaultRequestHeaders.Authorization = Basic("ann:wrong");
        using var wrong = await http.GetAsync("/meters/000002");
        http.DefaultRequestHeaders.Authorization = Basic("ann:secret");
        using var unknown = await http.GetAsync("/meters/000001");
        using var good = await http.GetAsync("/meters/000002");

        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound, HttpStatusCode.OK],
            new[] { anonymous, wrong, unknown, good }.Select(answer => answer.StatusCode)
        );
        Assert.Equal("Basic", anonymous.Headers.WwwAuthenticate.Single().Scheme);
        var reading = JsonDocument.Parse(await good.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("000002", reading.GetProperty("id").GetString());
        Assert.InRange(reading.GetProperty("demandKw").GetDecimal(), 1, 6.3m);
    }

    [Fact]
    public async Task Each_fault_of_a_meter_shows_at_its_poll()
    {
        Assert.Equal("<Error><Text>The meter does not answer</Text></Error>", await PollAsync("Error"));
        var garbled = await PollAsync("Garbled");
        Assert.StartsWith("<InstantaneousDemand>", garbled);
        Assert.ThrowsAny<System.Xml.XmlException>(() => XElement.Parse(garbled));
        await Assert.ThrowsAsync<HttpRequestException>(() => PollAsync("Refuse"));
        // Its answer takes an hour.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PollAsync("Slow"));
    }

    [Fact]
    public void One_seed_gives_the_same_faults_and_switching_another_on_moves_none()
    {
        var options = new MeterOptions { Error = 0.3, Slow = 0.2 };
        var faults = Faults(options);
        options.Slow = 0;

        Assert.Equal(faults, Faults(new MeterOptions { Error = 0.3, Slow = 0.2 }));
        Assert.Equal(faults.Select(fault => fault == MeterFault.Error), Faults(options).Select(fault => fault == MeterFault.Error));
        Assert.InRange(faults.Count(fault => fault == MeterFault.Error), 200, 400);

        static List<MeterFault> Faults(MeterOptions options)
        {
            var meter = new SimulatedMeter(1, options, purpose => new Random(purpose.Length));
            return [.. Enumerable.Range(0, 1_000).Select(_ => meter.NextFault())];
        }
    }

    private static async Task<string> PollAsync(string fault)
    {
        await using var simulator = await StartAsync(($"Simulator:Meters:{fault}", "1"), ("Simulator:Meters:SlowFor", "01:00:00"));
        using var http = Client(simulator);
        http.Timeout = fault == "Slow" ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(60);
        return await PostAsync(http, "000001", "ann", "secret");
    }

    private static Task<WebApplication> StartAsync(params IEnumerable<(string, string)> overrides) =>
        Fleet.StartAsync(
            mqttPort: 1,
            [
                ("Simulator:Taps", "0"),
                ("Simulator:Meters:Count", "2"),
                ("Simulator:Meters:User", "ann"),
                ("Simulator:Meters:Password", "secret"),
                .. overrides,
            ]
        );

    private static HttpClient Client(WebApplication simulator) => new() { BaseAddress = new Uri(simulator.Urls.Single()) };

    private static AuthenticationHeaderValue Basic(string credentials) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));

    private static async Task<string> PostAsync(HttpClient http, string id, string user, string password, string body = Command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/cgi-bin/post_manager") { Content = new StringContent(body) };
        request.Headers.Add("Cloud-ID", id);
        request.Headers.Add("User", user);
        request.Headers.Add("Password", password);
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}

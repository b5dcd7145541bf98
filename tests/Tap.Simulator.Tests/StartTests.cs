using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Testing;

namespace Tap.Simulator.Tests;

public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Simulator:Taps", "-3", "Taps: The field SimulatorOptions.Taps must be between 0 and 10000.")]
    [InlineData("Simulator:Protocol", "amqp", "Protocol: The protocol must be mqtt5, mqtt3.1.1 or http.")]
    [InlineData("Simulator:Protocol", "http", "Taps over HTTP need the admin key, by which they get their tokens.")]
    [InlineData("Simulator:Qos", "0", "Qos: The field TransportOptions.Qos must be between 1 and 2.")]
    [InlineData("Simulator:Rush", "late", "Rush hours must be 'evening' or like 17-19=1.5,19:30-23=2.5 with factors above 0, up to 100.")]
    [InlineData("Simulator:MinPause", "00:01:00", "The longest pause must not be shorter than the shortest one.")]
    [InlineData("Simulator:Meters:Count", "2", "Meters that are not registered need a password that somebody knows.")]
    [InlineData("Simulator:Meters:Register", "true", "Meters are registered with the admin key only.")]
    [InlineData("Simulator:Seed", "x", "Failed to convert configuration value 'x' at 'Simulator:Seed' to type 'System.Int32'.")]
    [InlineData(
        "Simulator:Verify:Enabled",
        "perhaps",
        "Failed to convert configuration value 'perhaps' at 'Simulator:Verify:Enabled' to type 'System.Boolean'."
    )]
    [InlineData("Simulator:Api", "ftp://host", "The API's address must be http or https.")]
    [InlineData("INET_ADDR", "host", "INET_ADDR must be host:port.")]
    [InlineData("INET_ADDR", "host:99999", "INET_ADDR must be host:port.")]
    [InlineData("INET_ADDR", "host:80/path", "INET_ADDR must be host:port.")]
    public async Task What_cannot_work_is_told_in_one_sentence_before_anything_starts(string key, string value, string expected)
    {
        await using var app = Build((key, value));

        Assert.Equal(expected, Assert.Throws<UsageException>(app.CheckStart).Message);
    }

    [Fact]
    public async Task Of_several_things_that_cannot_work_the_first_is_told()
    {
        await using var app = Build(("Simulator:Taps", "-3"), ("Simulator:Faults:Corrupt", "2"));

        Assert.StartsWith("Taps: ", Assert.Throws<UsageException>(app.CheckStart).Message);
    }

    [Fact]
    public async Task A_journal_of_another_simulator_is_told_before_anything_starts()
    {
        using var journals = new TemporaryFolder();
        using var journal = PourJournal.Open(journals.File("tap-2.journal"));
        await using var app = Build(("Simulator:JournalPath", journals.Path));

        Assert.Contains(journals.File("tap-2.journal"), Assert.Throws<JournalException>(app.CheckStart).Message);
    }

    [Fact]
    public async Task A_journal_whose_writing_was_interrupted_is_told_of_and_used()
    {
        using var journals = new TemporaryFolder();
        File.WriteAllText(journals.File("tap-1.journal"), """{"poured":{"id":"01""");
        var log = new Log();
        await using var app = Build([log], ("Simulator:JournalPath", journals.Path));

        app.CheckStart();

        Assert.Contains($"Lines of the journal {journals.File("tap-1.journal")} cannot be read and are left out: 1", Assert.Single(log.Lines));
    }

    [Fact]
    public async Task How_it_is_set_is_said_once_at_the_start_without_what_is_secret()
    {
        var log = new Log();
        await using var app = Build(
            [log],
            ("urls", "http://127.0.0.1:0"),
            ("Simulator:Taps", "0"),
            ("Simulator:Mqtt", "mqtts://ann:a-secret@broker.example:8884"),
            ("Simulator:Api", "http://ann:a-secret@api.example/?key=a-secret"),
            ("Simulator:AdminKey", "a-secret")
        );

        await app.StartAsync();

        var line = Assert.Single(log.Lines, line => line.Contains(" starts with "));
        Assert.Contains("taps 0, first tap 1, ", line);
        Assert.Contains("mqtt mqtts://broker.example:8884, api http://api.example, ", line);
        Assert.DoesNotContain(log.Lines, line => line.Contains("a-secret") || line.Contains("ann"));
    }

    [Fact]
    public async Task A_tap_that_may_keep_no_more_pours_stops_pouring_and_says_so()
    {
        var log = new Log();
        await using var app = Build(
            [log],
            ("urls", "http://127.0.0.1:0"),
            ("Simulator:Taps", "1"),
            ("Simulator:MaxUnsent", "2"),
            ("Simulator:MinPause", "00:00:00.001"),
            ("Simulator:MaxPause", "00:00:00.001"),
            ("Simulator:Mqtt", $"mqtt://127.0.0.1:{LocalServer.FreePort()}")
        );

        await app.StartAsync();

        await Eventually.TrueAsync(
            () => Task.FromResult(log.Lines.Contains("Tap 1 pours nothing until a receipt comes: 2 of its pours have none.")),
            "it is said"
        );
    }

    [Fact]
    public async Task A_second_simulator_with_the_same_journals_ends_with_1_and_the_first_goes_on()
    {
        using var journals = new TemporaryFolder();
        string[] arguments = ["--journal", journals.Path];
        await using var first = Start(arguments);
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(journals.File("tap-3.journal"))), "it has its journals", Patience);
        await using var second = Start(arguments);

        Assert.Equal(1, (await second.ExitAsync(Patience)).ExitCode);
        Assert.False(first.HasExited);
    }

    [Fact]
    public async Task A_wrong_option_ends_with_2_and_help_with_0()
    {
        await using var wrong = Start("--tabs", "5");
        await using var help = Start("--help");

        Assert.Equal(2, (await wrong.ExitAsync(Patience)).ExitCode);
        var (exitCode, output) = await help.ExitAsync(Patience);
        Assert.Equal(0, exitCode);
        Assert.All(CommandLine.Root.Options, option => Assert.Contains($"  {option.Name} ", output.Replace("-?, -h, --help", "--help")));
    }

    private static ServiceProcess Start(params string[] arguments) =>
        ServiceProcess.Start("Tap.Simulator", new Dictionary<string, string?>(), [.. arguments]);

    private static WebApplication Build(params IEnumerable<(string Key, string Value)> settings) => Build([], settings);

    private static WebApplication Build(ILoggerProvider[] logs, params IEnumerable<(string Key, string Value)> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        Array.ForEach(logs, log => builder.Logging.AddProvider(log));
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddSimulator();
        return builder.Build();
    }

    /// <summary>Keeps what is logged.</summary>
    private sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue(formatter(state, exception));

        public void Dispose() { }
    }
}

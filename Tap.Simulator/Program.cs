using ServiceDefaults;
using Tap.Simulator;
using Tap.Simulator.Journal;
using Tap.Simulator.Meters;
using Tap.Simulator.Taps;

try
{
    if (CommandLine.Expand(args) is not { } arguments)
    {
        Console.Write(CommandLine.Help());
        return 0;
    }

    var builder = WebApplication.CreateBuilder(arguments);
    builder.AddServiceDefaults();

    builder.AddSimulator();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapMeters();
    if (app.Services.GetService<TapFleet>() is not null)
    {
        app.MapCommands();
    }

    app.CheckStart();
    app.Run();
    return Environment.ExitCode;
}
catch (UsageException ex)
{
    Console.Error.WriteLine($"{ex.Message} See --help.");
    return 2;
}
catch (JournalException ex)
{
    Console.Error.WriteLine(ex.Message);
    return 1;
}

using System.CommandLine.Help;
using ServiceDefaults;
using Tap.Simulator;
using Tap.Simulator.Journal;

try
{
    var commandLine = CommandLine.Parse(args);
    if (commandLine.Action is HelpAction)
    {
        return commandLine.Invoke();
    }

    var builder = WebApplication.CreateBuilder(commandLine.ToConfiguration(args));
    builder.AddServiceDefaults();

    builder.AddSimulator();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapSimulator();
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

using Taproom.ServiceDefaults;
using Taproom.Simulator;

var builder = WebApplication.CreateBuilder(CommandLine.Expand(args));
builder.AddServiceDefaults();

builder.AddSimulatedTaps();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();

using Taproom.ServiceDefaults;
using Taproom.Simulator;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();

builder.AddTapFleet();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();

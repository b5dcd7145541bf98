using Taproom;
using Taproom.Bridge;
using Taproom.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();

builder.AddMqttBridge();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();

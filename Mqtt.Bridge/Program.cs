using Mqtt.Bridge;
using ServiceDefaults;
using Taproom;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();

builder.AddMqttBridge();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMqtt();
app.Run();

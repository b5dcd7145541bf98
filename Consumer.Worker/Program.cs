using Taproom;
using Taproom.Consumer;
using Taproom.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore();

builder.AddStoreConsumer();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();

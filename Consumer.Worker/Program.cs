using Consumer.Worker;
using ServiceDefaults;
using Taproom;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore();
builder.AddWriteCheck();

builder.AddStoreConsumer();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();

using Taproom;
using Taproom.Api;
using Taproom.Api.Beers;
using Taproom.Api.Live;
using Taproom.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore(ApiExtensions.AnswerQuickly);

builder.AddIngestApi();
builder.AddBeers();
builder.AddSockets();

var app = builder.Build();
app.UseIngestApi();
app.MapDefaultEndpoints();
app.MapHealthz();
app.MapBeers();
app.MapSockets();
app.Run();

using Taproom;
using Taproom.Api;
using Taproom.Api.Beers;
using Taproom.Api.Events;
using Taproom.Api.Live;
using Taproom.Api.Messages;
using Taproom.Api.Stats;
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
app.MapMessages();
app.MapEvents();
app.MapStats();
app.MapSockets();
app.Run();

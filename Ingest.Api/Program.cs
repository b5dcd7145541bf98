using Taproom;
using Taproom.Api;
using Taproom.Api.Beers;
using Taproom.Api.DeadLetters;
using Taproom.Api.Events;
using Taproom.Api.Live;
using Taproom.Api.Messages;
using Taproom.Api.Meters;
using Taproom.Api.Protection;
using Taproom.Api.Stats;
using Taproom.Api.Taps;
using Taproom.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore(ApiExtensions.AnswerQuickly);

builder.AddIngestApi();
builder.AddBeers();
builder.AddTaps();
builder.AddMeters();
builder.AddSockets();

var app = builder.Build();
app.UseIngestApi();
app.MapDefaultEndpoints();
app.MapHealthz();
app.MapSockets();

var api = app.MapInTime();
api.MapBeers();
api.MapBeerExport();
api.MapTaps();
api.MapTapCommands();
api.MapKegs();
api.MapMeters();
api.MapMessages();
api.MapEvents();
api.MapStats();
api.MapDeadLetters();
app.Run();

using Ingest.Api;
using Ingest.Api.Beers;
using Ingest.Api.DeadLetters;
using Ingest.Api.Events;
using Ingest.Api.Live;
using Ingest.Api.Messages;
using Ingest.Api.Meters;
using Ingest.Api.Protection;
using Ingest.Api.Stats;
using Ingest.Api.Taps;
using ServiceDefaults;
using Taproom;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore(ApiExtensions.AnswerQuickly);
builder.AddWriteCheck();

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

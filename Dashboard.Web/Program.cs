using Dashboard.Web;
using Dashboard.Web.Components;
using Dashboard.Web.Live;
using Radzen;
using ServiceDefaults;
using Taproom;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore();

builder.AddLiveFeed();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddRadzenComponents();

var app = builder.Build();
app.UseExceptionHandler("/error", createScopeForErrors: true);
app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
app.UseSecurityHeaders();
app.UseAntiforgery();
app.MapStaticAssets();
app.MapDefaultEndpoints();
app.MapHub<PoursHub>(PoursHub.Path);
app.MapPage();
app.Run();

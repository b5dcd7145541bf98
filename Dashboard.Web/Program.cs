using Dashboard.Web;
using Dashboard.Web.Access;
using ServiceDefaults;
using Taproom;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestStream();
builder.AddPourStore();

builder.AddDashboard();

var app = builder.Build();
app.UseResponseCompression();
app.UseRequestLocalization();
app.UseExceptionHandler("/error", createScopeForErrors: true);
app.UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true);
app.UseSecurityHeaders();
app.Use(UnknownVisitor.NoteAsync);
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.Use(StaleForm.ShowAgainAsync);
app.MapStaticAssets();
app.MapDefaultEndpoints();
app.MapPoursHub();
SessionRenewal.MapRenewal(app);
app.MapApiFiles().ForThoseWhoMayLook(app.Services);
app.MapPages();
app.Run();

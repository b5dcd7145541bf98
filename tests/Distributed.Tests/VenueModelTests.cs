using AppHost;
using Aspire.Hosting;

namespace Distributed.Tests;

/// <summary>What services are told of the house; nothing is started here.</summary>
public sealed class VenueModelTests
{
    [Fact]
    public async Task A_service_is_told_all_that_the_AppHost_knows_of_the_house_and_nothing_else()
    {
        var told = TaproomApp
            .Builder("--Venue:TimeZone=Europe/Berlin", "--Venue:Glasses:half=300")
            .AddProject<Projects.Ingest_Api>("told")
            .WithVenue();
        var untold = TaproomApp.Builder().AddProject<Projects.Ingest_Api>("untold").WithVenue();

        Assert.Equal(
            new Dictionary<string, string?> { ["Venue__TimeZone"] = "Europe/Berlin", ["Venue__Glasses__half"] = "300" },
            await ModelEnvironment.OfAsync(told.Resource, "Venue__")
        );
        Assert.Empty(await ModelEnvironment.OfAsync(untold.Resource, "Venue__"));
    }
}

using System.Xml.Linq;
using Testing;

namespace Taproom.Tests;

public sealed class ProjectReferencesTests
{
    private static readonly string[] Shared = ["ServiceDefaults", "Taproom"];

    public static TheoryData<string, string[]> Projects =>
        new()
        {
            { "ServiceDefaults", [] },
            { "Taproom", [] },
            { "Consumer.Worker", Shared },
            { "Dashboard.Web", Shared },
            { "Ingest.Api", Shared },
            { "Mqtt.Bridge", Shared },
            { "Tap.Simulator", Shared },
            { "AppHost", ["Consumer.Worker", "Dashboard.Web", "Ingest.Api", "Mqtt.Bridge", "Tap.Simulator"] },
        };

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_service_knows_the_domain_and_the_defaults_and_no_other_service(string project, string[] allowed)
    {
        var file = XDocument.Load(Path.Combine(LocalServer.Repository, project, $"{project}.csproj"));
        var referenced = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));

        Assert.Empty(referenced.Except(allowed));
    }
}

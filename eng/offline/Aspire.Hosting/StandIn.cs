namespace Aspire.Hosting;

/// <summary>What this stand-in says where it leaves out something the real package does.</summary>
internal static class StandIn
{
    public const string Name = "Aspire.Hosting stand-in (eng/offline)";

    public static NotSupportedException NotSupported(string member) =>
        new($"{Name} leaves out {member}; restore the real Aspire packages to use it.");
}

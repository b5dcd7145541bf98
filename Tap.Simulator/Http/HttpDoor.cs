namespace Tap.Simulator.Http;

/// <summary>A front door for HTTP, and how taps speak to it.</summary>
/// <param name="Address">Where the API is.</param>
/// <param name="Receipts">Whether a pour is owed until the API has it stored; else until it has taken it in.</param>
/// <param name="SlowLines">Whether a tap may stop reading.</param>
/// <param name="Time">The clock.</param>
internal sealed record HttpDoor(Uri Address, bool Receipts, bool SlowLines, TimeProvider Time);

namespace Tap.Simulator;

/// <summary>The simulator is told something that it cannot do; the message is one sentence for whoever started it.</summary>
internal sealed class UsageException(string message) : Exception(message);

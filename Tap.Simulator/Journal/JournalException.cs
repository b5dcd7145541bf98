namespace Tap.Simulator.Journal;

/// <summary>A journal cannot be used or written; the message is one sentence that names the file.</summary>
internal sealed class JournalException(string path, Exception inner) : IOException($"The journal {path} cannot be used: {inner.Message}", inner);

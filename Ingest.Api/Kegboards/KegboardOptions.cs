namespace Ingest.Api.Kegboards;

/// <summary>Whether controllers of Kegbot's may send here. Configuration section <c>Kegboards</c>.</summary>
internal sealed class KegboardOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Kegboards";

    /// <summary>Whether <c>/kegboard-event</c> is there.</summary>
    public bool Enabled { get; set; }
}

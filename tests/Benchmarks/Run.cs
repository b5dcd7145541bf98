using Testing;

namespace Benchmarks;

/// <summary>What every case runs with.</summary>
/// <param name="Servers">Redis and Postgres, as shipped: both sync each write to disk before they answer.</param>
/// <param name="IsSmoke">Whether all is done in small, to see that it works; such figures say nothing about speed.</param>
/// <param name="Stopping">Ends the run.</param>
internal sealed record Run(Servers Servers, bool IsSmoke, CancellationToken Stopping)
{
    /// <summary>See <see cref="Services.CreateAsync"/>.</summary>
    public Services? Shared { get; set; }

    /// <summary>Measurements of each figure and of its ceiling, by turns.</summary>
    public int Rounds => IsSmoke ? 1 : 3;

    /// <summary>A size or a time, for a run that counts and for a smoke run.</summary>
    public T Either<T>(T full, T smoke) => IsSmoke ? smoke : full;

    /// <summary>Says what goes on, beside the table.</summary>
    public static void Say(string what) => Console.Error.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {what}");
}

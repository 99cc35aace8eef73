namespace Mayfly.Bench;

/// <summary>One benchmark. The list of all is in <see cref="Runner"/>.</summary>
internal interface IBenchmark
{
    /// <summary>What is typed to run it.</summary>
    string Name { get; }

    /// <summary>One line about what it measures.</summary>
    string Summary { get; }

    /// <summary>Where it is ended, whatever happens.</summary>
    TimeSpan Limit { get; }

    /// <summary>Measures and reports. Leaves no process and no folder behind, however it ends.</summary>
    Task RunAsync(BenchContext context, CancellationToken cancellationToken);
}

namespace Mayfly.Fuzz;

/// <summary>One thing that bytes from outside reach.</summary>
public interface IFuzzTarget : IAsyncDisposable
{
    /// <summary>Its name on the command line, and of its folder of inputs.</summary>
    string Name { get; }

    /// <summary>Pieces that inputs are made of.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Prepares what outlives one input.</summary>
    Task StartAsync();

    /// <summary>Feeds one input.</summary>
    /// <returns>What happened, coarse enough that the same behaviour gives the same text.</returns>
    /// <exception cref="FuzzException">What must not happen.</exception>
    Task<string> RunAsync(byte[] input);

    /// <summary>An input made or repaired by the rules of the format; <see langword="null"/> where there is no such way.</summary>
    byte[]? Shape(byte[] input, Random random);
}

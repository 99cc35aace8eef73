namespace Mayfly.FunctionalTests.Conformance;

/// <summary>One thing that a function may do, and who does it.</summary>
/// <param name="Function">A function of <c>Fixtures/conformance</c>; its name begins with its language.</param>
/// <param name="Payload">What it is called with.</param>
/// <param name="What">What it does, for readers.</param>
public sealed record Oddity(string Function, string Payload, string What)
{
    /// <summary>The language by its short name in the fixtures.</summary>
    public string Language => Function.Split('-')[0];

    /// <inheritdoc/>
    public override string ToString() => $"{Function}: {What}";
}

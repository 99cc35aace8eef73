namespace Mayfly.Shims.DotNet;

/// <summary>A handler that cannot be used; reported under the managed runtime's name for it.</summary>
internal sealed class ValidationException(string message) : Exception(message)
{
    /// <summary>What the managed runtime calls it.</summary>
    public const string Name = "LambdaValidationException";

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Message}";
}

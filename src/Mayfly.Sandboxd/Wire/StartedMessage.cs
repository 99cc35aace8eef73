namespace Mayfly.Sandboxd.Wire;

/// <summary>A sandbox runs. The descriptors come with the message, in the order of <paramref name="Descriptors"/>.</summary>
/// <param name="Id">The sandbox.</param>
/// <param name="Pid">The outermost process of the sandbox.</param>
/// <param name="Uid">The user whom the program's connections come from.</param>
/// <param name="HasOwnUser">Whether no other sandbox and nobody else is that user.</param>
/// <param name="Descriptors">What each passed descriptor is.</param>
/// <param name="Steps">What the start was made of.</param>
public sealed record StartedMessage(string Id, int Pid, int Uid, bool HasOwnUser, IReadOnlyList<PassedDescriptor> Descriptors, StartSteps Steps = default) : SandboxdMessage;

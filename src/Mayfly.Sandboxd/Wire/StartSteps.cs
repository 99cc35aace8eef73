namespace Mayfly.Sandboxd.Wire;

/// <summary>What a start was made of and how long each part took, in microseconds.</summary>
/// <param name="Origin">What the sandbox was made of.</param>
/// <param name="SlotMicroseconds">Until there was a place: a user, a control group, a network; or until a stem was there.</param>
/// <param name="SandboxMicroseconds">Until the sandbox stood; 0 for a stem that was parked.</param>
/// <param name="CodeMicroseconds">Until the code was in it; 0 where that is part of making it.</param>
public readonly record struct StartSteps(SandboxOrigin Origin, long SlotMicroseconds, long SandboxMicroseconds, long CodeMicroseconds);

namespace Mayfly.Building;

/// <summary>A tool that a build needs and the machine does not have.</summary>
/// <param name="Tool">Its name.</param>
/// <param name="Package">The Debian package that brings it.</param>
public sealed record MissingTool(string Tool, string Package);

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>A value depends on what only a deployment to AWS knows. The message names it.</summary>
internal sealed class UnknownValueException(string message) : Exception(message);

using System.Net.Sockets;
using Mayfly.Server.Identity;

namespace Mayfly.Server.Invocation;

/// <summary>A connection that came through a listener of one instance.</summary>
/// <param name="Socket">The connection.</param>
/// <param name="Instance">The instance whose Runtime API it called; <see langword="null"/> for the platform's doors.</param>
/// <param name="Caller">The function that came to the doors; <see langword="null"/> for the Runtime API.</param>
public readonly record struct SandboxConnection(Socket Socket, Instance? Instance, CallingFunction? Caller);

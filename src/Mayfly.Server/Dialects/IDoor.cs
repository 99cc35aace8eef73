using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects;

/// <summary>One foreign or own API on the platform's port. The list in <c>Doors.cs</c> asks each in order.</summary>
public interface IDoor
{
    /// <summary>Whether a request is this door's, told from path, host and headers alone.</summary>
    bool Accepts(HttpContext context);

    /// <summary>Answers a request that was accepted.</summary>
    Task HandleAsync(HttpContext context);
}

using Mayfly.Sandboxd;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Dialects;

/// <summary>All doors on the platform's port, asked in order: the first that accepts a request answers it.</summary>
/// <param name="doors">The list. Doors that are told by host come before those that are told by path.</param>
/// <param name="logger">Where refusals and bugs are told.</param>
public sealed partial class Doors(Door[] doors, ILogger<Doors> logger)
{
    /// <summary>Answers any request: the end of the server's pipeline.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var door = Choose(context);
        if (OriginGuard.Refusal(context.Request, door?.Kind ?? DoorKind.Control) is var (code, message))
        {
            Log.Refused(logger, code, message);
            await NativeErrors.WriteAsync(context, StatusCodes.Status403Forbidden, code, message);
            return;
        }

        if (door?.Kind == DoorKind.Admin && FunctionBehind(context) is { } caller)
        {
            var refusal = $"{caller} may not use {door.Name}: it is for those who run the server, not for what runs on it.";
            Log.Refused(logger, "NotForFunctions", refusal);
            await NativeErrors.WriteAsync(context, StatusCodes.Status403Forbidden, "NotForFunctions", refusal);
            return;
        }

        if (door is null)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "NoDoor", $"Nothing answers {context.Request.Method} {context.Request.Path} here. There is: {string.Join("; ", doors.Select(static known => known.Name))}.");
            return;
        }

        try
        {
            await door.Handler.HandleAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away: there is nobody to answer.
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            await NativeErrors.WriteAsync(context, bad.StatusCode, "BadRequest", bad.Message);
        }
        catch (Exception bug) when (bug is not BadHttpRequestException)
        {
            Log.Bug(logger, bug, door.Name, context.Request.Method, context.Request.Path);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await NativeErrors.WriteAsync(context, StatusCodes.Status500InternalServerError, "InternalError", "The server failed on this request; server.log has the details.");
        }
    }

    // On the machine's own network the user at the other end tells. One that has closed it already waits for no answer, and may have been any.
    private static string? FunctionBehind(HttpContext context)
    {
        if (CallingFunction.Of(context) is { } caller)
        {
            return $"The function {caller.Function}";
        }

        return SandboxUsers.AreInUse && context.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket } && (PeerUser.Of(socket) is not { } uid || SandboxUsers.Contains(uid))
            ? "A function"
            : null;
    }

    private Door? Choose(HttpContext context)
    {
        foreach (var door in doors)
        {
            if (door.Handler.Accepts(context))
            {
                return door;
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Warning, "A request was refused ({Code}): {Message}")]
        public static partial void Refused(ILogger logger, string code, string message);

        [LoggerMessage(4001, LogLevel.Error, "The {Door} failed on {Method} {Path}")]
        public static partial void Bug(ILogger logger, Exception exception, string door, string method, string path);
    }
}

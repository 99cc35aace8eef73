using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>Finds the lane of events that a request of the admin API names: by a function or by another target.</summary>
internal static class EventLane
{
    private const int MaxLength = 2048;

    /// <summary>The lane of a name: a function's, deployed or not, or the ARN of another target; <see langword="null"/> when it is neither.</summary>
    public static string? Of(HttpContext context, FunctionSnapshot functions, ServerSettings settings, string text)
    {
        if (NativeFunctions.Find(context, functions, settings, text) is { } deployed)
        {
            return deployed.Key.Arn;
        }

        // Events outlive their functions, so what is not deployed can be asked for too.
        if (FunctionRef.TryParse(text, settings.Account, settings.Region, out var function))
        {
            return function.Qualifier is null ? function.Key.Arn : null;
        }

        return text.Length <= MaxLength && text.Contains(':', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\0', ' ') ? text : null;
    }

    /// <summary>Says that a text names no lane.</summary>
    public static Task RefuseAsync(HttpContext context, string text) => NativeErrors.WriteAsync(
        context,
        StatusCodes.Status400BadRequest,
        "InvalidTarget",
        $"'{(text.Length > 200 ? text[..200] + "…" : text)}' names neither a function, without version or alias, nor another target by its ARN.");
}

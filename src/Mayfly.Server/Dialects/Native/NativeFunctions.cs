using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>Finds the function that a path of the admin API names: a bare name or an ARN, with <c>?region=</c>.</summary>
internal static class NativeFunctions
{
    /// <summary>The function; <see langword="null"/> when there is none.</summary>
    public static Function? Find(HttpContext context, FunctionSnapshot snapshot, ServerSettings settings, string text)
    {
        var region = context.Request.Query["region"].ToString() is { Length: > 0 } given ? given : null;
        if (text.StartsWith("arn:", StringComparison.Ordinal))
        {
            return FunctionRef.TryParse(text, settings.Account, region ?? settings.Region, out var reference)
                ? snapshot.Functions.GetValueOrDefault(reference.Key)
                : null;
        }

        return FunctionLookup.Find(snapshot, settings, text, region);
    }

    /// <summary>Says that there is none, with names that are near.</summary>
    public static Task NotFoundAsync(HttpContext context, FunctionSnapshot snapshot, string name)
    {
        var near = snapshot.Functions.Keys
            .Select(static key => key.Name)
            .Where(known => known.Contains(name, StringComparison.OrdinalIgnoreCase) || name.Contains(known, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(5).ToList();
        var hint = near.Count > 0 ? $"Did you mean {string.Join(" or ", near)}?"
            : snapshot.Functions.IsEmpty ? "None is deployed."
            : $"There is: {string.Join(", ", snapshot.Functions.Keys.Select(static key => key.Name).Order(StringComparer.Ordinal).Take(20))}.";
        return NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "FunctionNotFound", $"No function is named '{name}'. {hint}");
    }
}

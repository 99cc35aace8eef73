using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects;

/// <summary>Finds a function by what a person writes, where no region has to be given.</summary>
internal static class FunctionLookup
{
    /// <summary>Finds a function.</summary>
    /// <param name="snapshot">Where to look.</param>
    /// <param name="settings">The account and region to look in first.</param>
    /// <param name="name">The bare name.</param>
    /// <param name="region">The region to look in; <see langword="null"/> means the server's first, then any.</param>
    public static Function? Find(FunctionSnapshot snapshot, ServerSettings settings, string name, string? region = null)
    {
        if (snapshot.Functions.TryGetValue(new FunctionKey(settings.Account, region ?? settings.Region, name), out var function) || region is not null)
        {
            return function;
        }

        return snapshot.Functions.Values
            .Where(other => other.Key.Name == name)
            .OrderBy(static other => other.Key.ToString(), StringComparer.Ordinal)
            .FirstOrDefault();
    }
}

using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>Everything that is deployed at one moment.</summary>
/// <param name="Functions">By unique name.</param>
/// <param name="Urls">Function by URL id.</param>
public sealed record FunctionSnapshot(ImmutableDictionary<FunctionKey, Function> Functions, ImmutableDictionary<string, FunctionKey> Urls)
{
    /// <summary>Nothing deployed.</summary>
    public static FunctionSnapshot Empty { get; } = new(
        ImmutableDictionary<FunctionKey, Function>.Empty,
        ImmutableDictionary.Create<string, FunctionKey>(StringComparer.Ordinal));

    /// <summary>This snapshot with one function put in place or replaced.</summary>
    public FunctionSnapshot With(Function function)
    {
        var urls = Functions.TryGetValue(function.Key, out var old) && old.Url is not null ? Urls.Remove(old.Url.Id) : Urls;
        return new(Functions.SetItem(function.Key, function), function.Url is null ? urls : urls.SetItem(function.Url.Id, function.Key));
    }

    /// <summary>This snapshot without one function.</summary>
    public FunctionSnapshot Without(FunctionKey key) =>
        Functions.TryGetValue(key, out var old)
            ? new(Functions.Remove(key), old.Url is null ? Urls : Urls.Remove(old.Url.Id))
            : this;
}

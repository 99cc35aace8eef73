using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>Everything that is deployed at one moment.</summary>
/// <param name="Functions">By unique name.</param>
/// <param name="Urls">Function and qualifier by URL id.</param>
public sealed record FunctionSnapshot(ImmutableDictionary<FunctionKey, Function> Functions, ImmutableDictionary<string, FunctionRef> Urls)
{
    /// <summary>Nothing deployed.</summary>
    public static FunctionSnapshot Empty { get; } = new(
        ImmutableDictionary<FunctionKey, Function>.Empty,
        ImmutableDictionary.Create<string, FunctionRef>(StringComparer.Ordinal));

    /// <summary>The functions that have instances to keep started, so that nobody has to look through all of them.</summary>
    public ImmutableHashSet<FunctionKey> Provisioned { get; init; } = [];

    /// <summary>The code packages that some revision needs, by hash.</summary>
    public HashSet<string> Packages => Functions.Values.SelectMany(static function => function.Revisions).SelectMany(static revision => revision.Packages).ToHashSet(StringComparer.Ordinal);

    /// <summary>This snapshot with one function put in place or replaced.</summary>
    public FunctionSnapshot With(Function function)
    {
        var urls = Functions.TryGetValue(function.Key, out var old) ? Urls.RemoveRange(UrlsOf(old).Select(static url => url.Key)) : Urls;
        return new(Functions.SetItem(function.Key, function), urls.SetItems(UrlsOf(function)))
        {
            Provisioned = function.Provisioned > 0 ? Provisioned.Add(function.Key) : Provisioned.Remove(function.Key),
        };
    }

    /// <summary>This snapshot without one function.</summary>
    public FunctionSnapshot Without(FunctionKey key) =>
        Functions.TryGetValue(key, out var old)
            ? new(Functions.Remove(key), Urls.RemoveRange(UrlsOf(old).Select(static url => url.Key))) { Provisioned = Provisioned.Remove(key) }
            : this;

    /// <summary>A function's URLs, by id.</summary>
    internal static IEnumerable<KeyValuePair<string, FunctionRef>> UrlsOf(Function function) =>
        function.Qualified.IsEmpty ? [] :
        from settings in function.Qualified
        where settings.Value.Url is not null
        select KeyValuePair.Create(settings.Value.Url!.Id, new FunctionRef(function.Key, settings.Key == Revision.Latest ? null : settings.Key));
}

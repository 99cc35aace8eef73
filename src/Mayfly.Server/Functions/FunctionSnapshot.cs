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

    /// <summary>How much concurrency the functions of an account in a region have for themselves, where any have.</summary>
    public ImmutableDictionary<(string Account, string Region), int> Reserved { get; init; } = ImmutableDictionary<(string Account, string Region), int>.Empty;

    /// <summary>How much of its account's and region's concurrency has been taken out of what all share.</summary>
    public int ReservedBeside(in FunctionKey key) => Reserved.IsEmpty ? 0 : Reserved.GetValueOrDefault((key.Account, key.Region));

    /// <summary>The code packages that some revision needs, by hash.</summary>
    public HashSet<string> Packages => Functions.Values.SelectMany(static function => function.Revisions).SelectMany(static revision => revision.Packages).ToHashSet(StringComparer.Ordinal);

    /// <summary>This snapshot with one function put in place or replaced.</summary>
    public FunctionSnapshot With(Function function)
    {
        var urls = Functions.TryGetValue(function.Key, out var old) ? Urls.RemoveRange(UrlsOf(old).Select(static url => url.Key)) : Urls;
        return new(Functions.SetItem(function.Key, function), urls.SetItems(UrlsOf(function)))
        {
            Provisioned = function.Provisioned > 0 ? Provisioned.Add(function.Key) : Provisioned.Remove(function.Key),
            Reserved = ReservedWith(function.Key, function.OwnConcurrency - (old?.OwnConcurrency ?? 0)),
        };
    }

    /// <summary>This snapshot without one function.</summary>
    public FunctionSnapshot Without(FunctionKey key) =>
        Functions.TryGetValue(key, out var old)
            ? new(Functions.Remove(key), Urls.RemoveRange(UrlsOf(old).Select(static url => url.Key))) { Provisioned = Provisioned.Remove(key), Reserved = ReservedWith(key, -old.OwnConcurrency) }
            : this;

    private ImmutableDictionary<(string Account, string Region), int> ReservedWith(in FunctionKey key, int more)
    {
        var place = (key.Account, key.Region);
        var reserved = Reserved.GetValueOrDefault(place) + more;
        return more == 0 ? Reserved : reserved == 0 ? Reserved.Remove(place) : Reserved.SetItem(place, reserved);
    }

    /// <summary>A function's URLs, by id.</summary>
    internal static IEnumerable<KeyValuePair<string, FunctionRef>> UrlsOf(Function function) =>
        function.Qualified.IsEmpty ? [] :
        from settings in function.Qualified
        where settings.Value.Url is not null
        select KeyValuePair.Create(settings.Value.Url!.Id, new FunctionRef(function.Key, settings.Key == Revision.Latest ? null : settings.Key));
}

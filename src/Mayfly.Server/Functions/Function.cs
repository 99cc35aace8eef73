using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>The deployed unit: a name, its current revision, its published versions, and what hangs on the name.</summary>
public sealed record Function
{
    /// <summary>The unique name.</summary>
    public required FunctionKey Key { get; init; }

    /// <summary>What <c>$LATEST</c> is.</summary>
    public required Revision Latest { get; init; }

    /// <summary>The published versions, by number. A number is never given twice.</summary>
    public ImmutableSortedDictionary<int, Revision> Versions { get; init; } = NoVersions;

    /// <summary>The highest number that was ever given to a version; 0 before the first.</summary>
    public int LastVersion { get; init; }

    /// <summary>The <see cref="Revision.Id"/> of <see cref="Latest"/> when <see cref="LastVersion"/> was published from it.</summary>
    public string? PublishedFrom { get; init; }

    /// <summary>Movable names of versions.</summary>
    public ImmutableSortedDictionary<string, FunctionAlias> Aliases { get; init; } = NoAliases;

    /// <summary>What hangs on a qualifier; what is for the unqualified function stands under <see cref="Revision.Latest"/>.</summary>
    public ImmutableSortedDictionary<string, QualifierSettings> Qualified
    {
        get;
        init
        {
            field = value;
            Provisioned = value.IsEmpty ? 0 : value.Values.Sum(static settings => settings.Provisioned?.Requested ?? 0);
        }
    }

    = NothingQualified;

    /// <summary>Whether a loop of calls through this function is ended: <c>Terminate</c> or <c>Allow</c>; <see langword="null"/> means the former.</summary>
    public string? RecursiveLoop { get; init; }

    /// <summary>The value of <see cref="RecursiveLoop"/> that lets loops run.</summary>
    public const string AllowLoop = "Allow";

    /// <summary>The value of <see cref="RecursiveLoop"/> that ends loops.</summary>
    public const string TerminateLoop = "Terminate";

    /// <summary>The service that deployed it; <see langword="null"/> for a function made through an API.</summary>
    public string? Service { get; init; }

    /// <summary>What of it its service's manifest has made; <see langword="null"/> for nothing.</summary>
    public DeclaredSettings? Declared { get; init; }

    /// <summary>ARN of the code signing configuration that its code must meet; <see langword="null"/> for none.</summary>
    public string? CodeSigning { get; init; }

    /// <summary>The unqualified function's URL, when it has one.</summary>
    public FunctionUrl? Url => For(null).Url;

    /// <summary>The alias that its service's URL and routes lead to; <see langword="null"/> when they lead to the function itself.</summary>
    public string? ServiceAlias => Declared?.Alias is { } alias && Aliases.ContainsKey(alias) ? alias : null;

    /// <summary>The qualifier of the URL that the function's bare name means.</summary>
    public string? UrlQualifier => Url is null ? ServiceAlias : null;

    /// <summary>How many instances are kept started for all its versions and aliases.</summary>
    public int Provisioned { get; private init; }

    /// <summary>How much of its account's concurrency it has for itself: what it reserves, within which its provisioned concurrency counts.</summary>
    public int OwnConcurrency => Latest.Config.ReservedConcurrency ?? Provisioned;

    /// <summary>Every revision that can be invoked: the current one and the published versions.</summary>
    public IEnumerable<Revision> Revisions => Versions.IsEmpty ? [Latest] : Versions.Values.Prepend(Latest);

    private static ImmutableSortedDictionary<int, Revision> NoVersions { get; } = ImmutableSortedDictionary<int, Revision>.Empty;

    private static ImmutableSortedDictionary<string, FunctionAlias> NoAliases { get; } = ImmutableSortedDictionary.Create<string, FunctionAlias>(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, QualifierSettings> NothingQualified { get; } = ImmutableSortedDictionary.Create<string, QualifierSettings>(StringComparer.Ordinal);

    /// <summary>The revision of a version: <c>$LATEST</c> or none for the current one, else a number.</summary>
    /// <returns><see langword="null"/> when there is no such version; an alias is none.</returns>
    public Revision? Version(string? version) =>
        version is null or Revision.Latest ? Latest
        : Revision.TryNumber(version, out var number) ? Versions.GetValueOrDefault(number)
        : null;

    /// <summary>The revision that a call with this qualifier runs.</summary>
    /// <param name="qualifier">A version, an alias, or none.</param>
    /// <param name="roll">Decides between the two versions of an alias with weights: uniform in [0, 1).</param>
    public Revision? Resolve(string? qualifier, double roll) =>
        qualifier is not null && Aliases.TryGetValue(qualifier, out var alias) ? Version(alias.Choose(roll)) : Version(qualifier);

    /// <summary>What hangs on a qualifier; nothing set when nothing does.</summary>
    public QualifierSettings For(string? qualifier) => Qualified.GetValueOrDefault(qualifier ?? Revision.Latest, QualifierSettings.None);

    /// <summary>How many instances of a published version are kept started, for itself and for the aliases that name it first.</summary>
    public int ProvisionedFor(string version) => Qualified.Sum(settings =>
        settings.Value.Provisioned is { } provisioned && (Aliases.TryGetValue(settings.Key, out var alias) ? alias.Version : settings.Key) == version ? provisioned.Requested : 0);

    /// <summary>This function with other settings under a qualifier.</summary>
    public Function With(string? qualifier, QualifierSettings settings) => this with
    {
        Qualified = settings == QualifierSettings.None ? Qualified.Remove(qualifier ?? Revision.Latest) : Qualified.SetItem(qualifier ?? Revision.Latest, settings),
    };

    /// <summary>The <see cref="Revision.RevisionId"/> of a version, or that of an alias.</summary>
    public string RevisionIdOf(string? qualifier) =>
        qualifier is not null && Aliases.TryGetValue(qualifier, out var alias) ? alias.RevisionId : (Version(qualifier) ?? Latest).RevisionId;

    /// <summary>This function with a new revision id for a version or an alias: something that hangs on it has changed.</summary>
    public Function Touched(string? qualifier)
    {
        var id = Guid.NewGuid().ToString();
        return qualifier is not null && Aliases.TryGetValue(qualifier, out var alias) ? this with { Aliases = Aliases.SetItem(qualifier, alias with { RevisionId = id }) }
            : qualifier is not null && Revision.TryNumber(qualifier, out var number) && Versions.TryGetValue(number, out var version) ? this with { Versions = Versions.SetItem(number, version with { RevisionId = id }) }
            : this with { Latest = Latest with { RevisionId = id } };
    }

    /// <summary>Publishes <see cref="Latest"/> as a numbered version, unless it is what was published last.</summary>
    /// <param name="description">The version's own description; <see langword="null"/> keeps the function's.</param>
    /// <param name="now">The time.</param>
    /// <returns>The function, and the version that its current state has.</returns>
    public (Function Function, Revision Version) Publish(string? description, DateTimeOffset now)
    {
        if (PublishedFrom == Latest.Id && Versions.TryGetValue(LastVersion, out var same))
        {
            return (this, same);
        }

        var number = LastVersion + 1;
        var version = Latest with
        {
            Id = Guid.NewGuid().ToString(),
            RevisionId = Guid.NewGuid().ToString(),
            Version = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Config = description is null ? Latest.Config : Latest.Config with { Description = description },
            LastModified = now,
        };
        var function = this with
        {
            Latest = Latest with { RevisionId = Guid.NewGuid().ToString() },
            Versions = Versions.Add(number, version),
            LastVersion = number,
            PublishedFrom = Latest.Id,
        };
        return (function, version);
    }
}

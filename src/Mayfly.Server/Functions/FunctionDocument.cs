using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Functions;

/// <summary>A function as its row holds it, without its published versions. Only ever add members: older rows lack them, and newer programs must read those.</summary>
internal sealed record FunctionDocument
{
    public required string Revision { get; init; }

    public string? RevisionId { get; init; }

    public required FunctionConfig Config { get; init; }

    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    public string? Service { get; init; }

    public CodePackage[]? Layers { get; init; }

    public string? CodeSigning { get; init; }

    public int LastVersion { get; init; }

    public string? PublishedFrom { get; init; }

    public string? RecursiveLoop { get; init; }

    public DeclaredSettings? Declared { get; init; }

    public ImmutableArray<FunctionAlias>? Aliases { get; init; }

    public ImmutableSortedDictionary<string, QualifierSettings>? Qualified { get; init; }

    /// <summary>The unqualified function's URL, in rows from before <see cref="Qualified"/>.</summary>
    public FunctionUrl? Url { get; init; }

    /// <summary>The unqualified function's policy, in rows from before <see cref="Qualified"/>.</summary>
    public ImmutableSortedDictionary<string, string>? Permissions { get; init; }

    public static FunctionDocument Of(Function function) => new()
    {
        Revision = function.Latest.Id,
        RevisionId = function.Latest.RevisionId == function.Latest.Id ? null : function.Latest.RevisionId,
        Config = function.Latest.Config,
        Sha256 = function.Latest.Code.Sha256,
        Size = function.Latest.Code.Size,
        LastModified = function.Latest.LastModified,
        Layers = RevisionDocument.LayersOf(function.Latest),
        Service = function.Service,
        CodeSigning = function.CodeSigning,
        LastVersion = function.LastVersion,
        PublishedFrom = function.PublishedFrom,
        RecursiveLoop = function.RecursiveLoop,
        Declared = function.Declared,
        Aliases = function.Aliases.IsEmpty ? null : [.. function.Aliases.Values],
        Qualified = function.Qualified.IsEmpty ? null : function.Qualified,
    };

    public Function ToFunction(FunctionKey key, ImmutableSortedDictionary<int, Revision>.Builder? versions, SharedStrings strings)
    {
        var latest = new RevisionDocument { Revision = Revision, RevisionId = RevisionId, Config = Config, Sha256 = Sha256, Size = Size, Layers = Layers, LastModified = LastModified };
        var function = new Function
        {
            Key = key,
            Latest = latest.ToRevision(key, Functions.Revision.Latest, strings),
            Service = Service is null ? null : strings.Share(Service),
            CodeSigning = CodeSigning,
            LastVersion = LastVersion,
            PublishedFrom = PublishedFrom,
            RecursiveLoop = RecursiveLoop,
            Declared = Declared,
        };
        function = versions is null ? function : function with { Versions = versions.ToImmutable() };
        function = Aliases is null ? function : function with { Aliases = function.Aliases.AddRange(Aliases.Value.Select(static alias => KeyValuePair.Create(alias.Name, alias))) };
        return (Qualified ?? FromOldRow()).Aggregate(function, static (function, settings) => function.With(settings.Key, Whole(settings.Value)));
    }

    private IEnumerable<KeyValuePair<string, QualifierSettings>> FromOldRow() =>
    [
        KeyValuePair.Create(Functions.Revision.Latest, new QualifierSettings
        {
            Url = Url,
            Permissions = Permissions is null ? [] : [.. Permissions.Select(static statement => new PolicyStatement(statement.Key, statement.Value))],
        }),
    ];

    private static QualifierSettings Whole(QualifierSettings settings) => settings.Permissions.IsDefault ? settings with { Permissions = [] } : settings;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionDocument))]
[JsonSerializable(typeof(RevisionDocument))]
internal sealed partial class FunctionJson : JsonSerializerContext;

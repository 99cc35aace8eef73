using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>A revision as its row holds it. Only ever add members: older rows lack them, and newer programs must read those.</summary>
internal sealed record RevisionDocument
{
    private static readonly ImmutableArray<string> DefaultArchitectures = ["x86_64"];

    public required string Revision { get; init; }

    public string? RevisionId { get; init; }

    public required FunctionConfig Config { get; init; }

    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    public CodePackage[]? Layers { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    public static RevisionDocument Of(Revision revision) => new()
    {
        Revision = revision.Id,
        RevisionId = revision.RevisionId == revision.Id ? null : revision.RevisionId,
        Config = revision.Config,
        Sha256 = revision.Code.Sha256,
        Size = revision.Code.Size,
        Layers = LayersOf(revision),
        LastModified = revision.LastModified,
    };

    public Revision ToRevision(FunctionKey key, string version, SharedStrings strings) => new()
    {
        Id = Revision,
        RevisionId = RevisionId!,
        Function = key,
        Version = version,
        Config = Share(Config, strings),
        Code = new(strings.Share(Sha256), Size),
        Layers = Layers is null ? [] : [.. Layers],
        LastModified = LastModified,
    };

    public static CodePackage[]? LayersOf(Revision revision) => revision.Layers.IsEmpty ? null : [.. revision.Layers];

    // Generated JSON code leaves an absent member without a value instead of with its initial one.
    private static FunctionConfig Share(FunctionConfig config, SharedStrings strings) => config with
    {
        Runtime = strings.Share(config.Runtime),
        Handler = strings.Share(config.Handler),
        Role = strings.Share(config.Role),
        Description = strings.Share(config.Description),
        Layers = config.Layers.IsDefault ? [] : config.Layers,
        FileSystems = config.FileSystems.IsDefault ? [] : config.FileSystems,
        Architectures = config.Architectures.AsSpan().SequenceEqual(DefaultArchitectures.AsSpan()) ? DefaultArchitectures : config.Architectures,
    };
}

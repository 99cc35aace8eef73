using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Functions;

/// <summary>A function as its row holds it. Only ever add members: older rows lack them, and newer programs must read those.</summary>
internal sealed record FunctionDocument
{
    private static readonly ImmutableArray<string> DefaultArchitectures = ["x86_64"];

    public required string Revision { get; init; }

    public required FunctionConfig Config { get; init; }

    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    public FunctionUrl? Url { get; init; }

    public string? Service { get; init; }

    public ImmutableSortedDictionary<string, string>? Permissions { get; init; }

    public static FunctionDocument Of(Function function) => new()
    {
        Revision = function.Latest.Id,
        Config = function.Latest.Config,
        Sha256 = function.Latest.Code.Sha256,
        Size = function.Latest.Code.Size,
        LastModified = function.Latest.LastModified,
        Url = function.Url,
        Service = function.Service,
        Permissions = function.Permissions.IsEmpty ? null : function.Permissions,
    };

    public Function ToFunction(FunctionKey key, SharedStrings strings) => new()
    {
        Key = key,
        Latest = new()
        {
            Id = Revision,
            Function = key,
            Config = Share(Config, strings),
            Code = new(strings.Share(Sha256), Size),
            LastModified = LastModified,
        },
        Url = Url,
        Service = Service is null ? null : strings.Share(Service),
        Permissions = Permissions ?? Function.NoPermissions,
    };

    private static FunctionConfig Share(FunctionConfig config, SharedStrings strings) => config with
    {
        Runtime = strings.Share(config.Runtime),
        Handler = strings.Share(config.Handler),
        Role = strings.Share(config.Role),
        Description = strings.Share(config.Description),
        Architectures = config.Architectures.AsSpan().SequenceEqual(DefaultArchitectures.AsSpan()) ? DefaultArchitectures : config.Architectures,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionDocument))]
internal sealed partial class FunctionJson : JsonSerializerContext;

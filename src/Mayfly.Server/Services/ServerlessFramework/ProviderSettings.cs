using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>What <c>provider</c> says for all functions.</summary>
internal sealed record ProviderSettings
{
    private static readonly string[] DefaultCorsHeaders =
        ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent", "X-Amzn-Trace-Id"];

    /// <summary>The default runtime.</summary>
    public string? Runtime { get; init; }

    /// <summary>Where the default runtime stands.</summary>
    public Position RuntimeAt { get; init; }

    /// <summary>Memory in MiB.</summary>
    public int MemoryMb { get; init; } = 1024;

    /// <summary>Seconds.</summary>
    public int TimeoutSeconds { get; init; } = 6;

    /// <summary>Size of <c>/tmp</c> in MiB.</summary>
    public int EphemeralStorageMb { get; init; } = 512;

    /// <summary>The instruction set.</summary>
    public string Architecture { get; init; } = "x86_64";

    /// <summary>Variables of all functions.</summary>
    public ImmutableSortedDictionary<string, string?> Environment { get; init; } = ImmutableSortedDictionary<string, string?>.Empty;

    /// <summary>Tags of all functions.</summary>
    public ImmutableSortedDictionary<string, string?> Tags { get; init; } = ImmutableSortedDictionary<string, string?>.Empty;

    /// <summary>The role of all functions.</summary>
    public string? Role { get; init; }

    /// <summary>The layers of functions that name none themselves.</summary>
    public ImmutableArray<string> Layers { get; init; } = [];

    /// <summary>What functions may have in the same words.</summary>
    public SharedSettings Shared { get; init; } = new();

    /// <summary>Whether functions keep the versions that are published of them.</summary>
    public bool KeepsVersions { get; init; }

    /// <summary>Payload format of HTTP API routes.</summary>
    public string Payload { get; init; } = "2.0";

    /// <summary>Cross-origin rules of the HTTP API; its methods are empty when they follow from the routes.</summary>
    public CorsRules? HttpApiCors { get; init; }

    /// <summary>Reads them.</summary>
    public static ProviderSettings Read(Section provider, ValueMaps maps)
    {
        provider.Check(KnownKeys.Provider);
        var httpApi = provider.Child("httpApi");
        httpApi?.Check(KnownKeys.ProviderHttpApi);
        return new()
        {
            Runtime = provider.Text("runtime"),
            RuntimeAt = provider.PlaceOf("runtime"),
            MemoryMb = provider.Integer("memorySize", 128, 10_240, " MiB") ?? 1024,
            TimeoutSeconds = provider.Integer("timeout", 1, 900, " seconds") ?? 6,
            EphemeralStorageMb = provider.Integer("ephemeralStorageSize", 512, 10_240, " MiB") ?? 512,
            Architecture = provider.Choice("architecture", "x86_64", "arm64") ?? "x86_64",
            Environment = maps.Environment(provider),
            Tags = maps.Tags(provider),
            Role = ReadRole(provider, maps),
            Layers = maps.Layers(provider) ?? [],
            Shared = SharedSettings.OfProvider(provider, maps),
            KeepsVersions = provider.Flag("versionFunctions") == true,
            Payload = httpApi is null ? "2.0" : ReadPayload(httpApi) ?? "2.0",
            HttpApiCors = httpApi is null ? null : CorsReader.Read(httpApi, DefaultCorsHeaders, []),
        };
    }

    /// <summary>The <c>payload</c> key of a <c>httpApi</c> map.</summary>
    public static string? ReadPayload(Section httpApi) => httpApi.Text("payload") switch
    {
        null => null,
        "1.0" or "1" => "1.0",
        "2.0" or "2" => "2.0",
        var other => throw httpApi.Error("payload", $"must be '1.0' or '2.0', not \"{other}\"."),
    };

    private static string? ReadRole(Section provider, ValueMaps maps)
    {
        if (provider.Child("iam") is not { } iam)
        {
            return maps.Role(provider);
        }
        iam.Check(KnownKeys.Iam);
        if (iam.Head("role") is not MapNode role)
        {
            return maps.Role(iam);
        }
        // Both a CloudFormation function and a description of a role are maps.
        return role.Entries is [{ Key: "Ref" or ['F', 'n', ':', ..] }] ? maps.Role(iam) : maps.RoleIsDescribed(iam);
    }
}

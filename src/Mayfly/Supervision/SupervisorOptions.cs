using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Settings;

namespace Mayfly.Supervision;

/// <summary>What the supervisor starts the server with.</summary>
public sealed record SupervisorOptions
{
    /// <summary>The port of all doors.</summary>
    public required int Port { get; init; }

    /// <summary>The account of callers that name none.</summary>
    public required string Account { get; init; }

    /// <summary>The region of callers that name none.</summary>
    public required string Region { get; init; }

    /// <summary>Most instances at once.</summary>
    public required int MaxInstances { get; init; }

    /// <summary>Memory for sandboxes made ahead of calls, in MiB.</summary>
    public int StemMemory { get; init; } = 256;

    /// <summary>What a clock shows at first that is not the machine's; <see langword="null"/> for the machine's.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>What functions reach over the network that do not say.</summary>
    public NetworkMode Network { get; init; } = NetworkMode.Host;

    /// <summary>Where large contents of objects go; <see langword="null"/> for the state folder.</summary>
    public RemotePlace? Objects { get; init; }

    /// <summary>Takes them from the settings.</summary>
    public static SupervisorOptions From(MayflySettings settings) =>
        new() { Objects = WithKeys(settings.Objects), Port = settings.Port, Account = settings.Account, Region = settings.Region, MaxInstances = settings.MaxInstances, StemMemory = settings.StemMemory };

    /// <summary>The base URL.</summary>
    public string Endpoint => $"http://127.0.0.1:{Port}";

    // The server inherits the environment, so keys are on no command line.
    private static RemotePlace? WithKeys(RemotePlace? place) =>
        place is null || (Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID") is { Length: > 0 } && Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY") is { Length: > 0 })
            ? place
            : throw new SettingsException($"objects: '{place}' needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
}

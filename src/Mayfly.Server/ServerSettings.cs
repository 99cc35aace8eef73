using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Objects.Blobs;

namespace Mayfly.Server;

/// <summary>What the server is started with, read once.</summary>
public sealed record ServerSettings
{
    /// <summary>The TCP port of all doors.</summary>
    public int Port { get; init; } = 4566;

    /// <summary>The account that requests without a twelve-digit access key belong to.</summary>
    public string Account { get; init; } = "000000000000";

    /// <summary>The region of requests that name none.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>The server's own folder, absolute: database, code, packages, logs, sandboxd's socket.</summary>
    public required string StoreFolder { get; init; }

    /// <summary>The folder with the unpacked shims, absolute, not writable by the server.</summary>
    public required string ShimsFolder { get; init; }

    /// <summary>The file with the interpreters that were found at start.</summary>
    public required string InterpretersFile { get; init; }

    /// <summary>Most instances on this node at once.</summary>
    public int MaxInstances { get; init; } = 200;

    /// <summary>Memory for sandboxes that are made ahead of functions, in MiB; 0 for none.</summary>
    public int StemMemoryMb { get; init; } = 256;

    /// <summary>What functions reach over the network that do not say. Where the machine has no networks with a way out, <see cref="NetworkMode.Egress"/> means <see cref="NetworkMode.Host"/>.</summary>
    public NetworkMode Network { get; init; } = NetworkMode.Host;

    /// <summary>Where contents of objects above 16 KiB go; <see langword="null"/>: into the store's folder.</summary>
    public RemotePlace? Objects { get; init; }

    /// <summary>What the clock shows at first that schedules and retries go by, and that moves when told; <see langword="null"/>: they go by the machine's.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>The address that printed URLs begin with.</summary>
    public string BaseUrl => $"http://127.0.0.1:{Port}";
}

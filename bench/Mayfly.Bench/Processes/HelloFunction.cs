using System.Text.Json.Nodes;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Bench.Processes;

/// <summary>A function to deploy from the shared package.</summary>
/// <param name="Name">The deployed name.</param>
/// <param name="Runtime">The runtime's name.</param>
/// <param name="Handler">The entry point.</param>
/// <param name="TimeoutSeconds">Its time limit.</param>
internal sealed record HelloFunction(string Name, string Runtime, string Handler, int TimeoutSeconds = 3)
{
    public const string Python = "python";
    public const string Node = "nodejs";
    public const string CSharp = "dotnet";

    /// <summary>Invocations that one instance takes at once.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>What it reaches: <c>Host</c>, <c>Egress</c> or <c>None</c>.</summary>
    public string Network { get; init; } = "Host";

    /// <summary>Whether it is published, and further instances start from a snapshot.</summary>
    public bool Snapshot { get; init; }

    /// <summary>As the admin API takes it, with every setting named.</summary>
    public JsonObject ToJson(string sha256) => new()
    {
        ["name"] = Name,
        ["config"] = new JsonObject
        {
            ["runtime"] = Runtime,
            ["handler"] = Handler,
            ["description"] = "",
            ["role"] = "",
            // A bare process has a whole processor too.
            ["memoryMb"] = SandboxSpec.ProcessorMemoryMb,
            ["timeoutSeconds"] = TimeoutSeconds,
            ["ephemeralStorageMb"] = 512,
            ["environment"] = new JsonObject(),
            ["architectures"] = new JsonArray("x86_64"),
            ["concurrency"] = Concurrency,
            ["network"] = Network,
            ["snapStart"] = Snapshot ? "PublishedVersions" : null,
            ["tags"] = new JsonObject(),
        },
        ["packageSha256"] = sha256,
        ["alias"] = Snapshot ? new JsonObject { ["name"] = "live" } : null,
        ["url"] = new JsonObject { ["id"] = "", ["authType"] = "NONE", ["invokeMode"] = "BUFFERED" },
    };
}

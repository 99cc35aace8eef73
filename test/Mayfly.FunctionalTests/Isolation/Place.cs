namespace Mayfly.FunctionalTests.Isolation;

/// <summary>Where a probe stands: inside a function of a language, started in one of two ways, in one of three networks.</summary>
/// <param name="Language">python, node, net or provided.</param>
/// <param name="Start"><c>stem</c>, of a sandbox that was parked, or <c>exec</c>, by itself.</param>
/// <param name="Network">none, egress or host.</param>
public sealed record Place(string Language, string Start, string Network)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Place> All { get; } =
    [
        .. from network in new[] { "none", "egress", "host" }
           from language in new[] { "python", "node", "net", "provided" }
           from start in new[] { "stem", "exec" }
           where language != "provided" || start == "exec"
           select new Place(language, start, network),
    ];

    /// <summary>The function's name.</summary>
    public string Name => $"{Language}-{Start}-{Network}";

    /// <summary>Whether it has a network of its own.</summary>
    public bool IsPrivate => Network != "host";

    public override string ToString() => Name;

    /// <summary>Its lines of the manifest.</summary>
    internal string ToManifest(string? name = null, string more = "")
    {
        var (runtime, handler) = Language switch
        {
            "python" => ("python3.11", "probe.handler"),
            "node" => ("nodejs20.x", "probe.handler"),
            "net" => ("dotnet10", "DotNetFunction::Fixture.Probe::Handle"),
            _ => ("provided.al2023", "any"),
        };
        name ??= Name;

        // What the loader reads only when a program starts cannot be given to a stem.
        var bound = Start == "exec" ? "LD_BIND_NOW: \"1\", " : "";
        return $$"""
              {{name}}:
                name: {{name}}
                runtime: {{runtime}}
                handler: {{handler}}
                environment: { {{bound}}SECRET: "of {{name}}" }
                mayfly: { folder: {{(Language == "net" ? "dotnet" : "probe")}}, network: {{Network}} }
                {{more}}

            """;
    }
}

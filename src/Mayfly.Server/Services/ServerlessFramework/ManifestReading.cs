using Mayfly.Server.Services.Nodes;
using Mayfly.Server.Services.Variables;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>One reading of one manifest: what its parts share and what they leave behind.</summary>
internal sealed class ManifestReading(ManifestOptions options, VariableResolver resolver, ManifestFiles files)
{
    /// <summary>What it is read with.</summary>
    public ManifestOptions Options { get; } = options;

    /// <summary>Resolves variables.</summary>
    public VariableResolver Resolver { get; } = resolver;

    /// <summary>Reads files.</summary>
    public ManifestFiles Files { get; } = files;

    /// <summary>Said to the user.</summary>
    public List<ManifestNotice> Notices { get; } = [];

    /// <summary>Kept for later engines.</summary>
    public List<InactivePart> Inactive { get; } = [];

    /// <summary>Whether a key that nobody knows is only said, because the manifest asks for that.</summary>
    public bool IsLenient { get; set; }

    /// <summary>Whether Serverless plugins are named, which may bring keys of their own.</summary>
    public bool HasPlugins { get; set; }

    /// <summary>Says something to the user, once.</summary>
    public void Notice(Position at, string message)
    {
        var notice = new ManifestNotice(at.File, at.Line, message);
        if (!Notices.Contains(notice))
        {
            Notices.Add(notice);
        }
    }

    /// <summary>Keeps a part that nothing acts on. A variable in it that cannot be resolved is no error: it stays as it is written.</summary>
    public Node Keep(string path, Node value)
    {
        Node kept;
        try
        {
            kept = Resolver.Resolve(value);
        }
        catch (ManifestException)
        {
            kept = value;
        }
        Inactive.Add(new(path, NodeJson.Write(kept)));
        return kept;
    }
}

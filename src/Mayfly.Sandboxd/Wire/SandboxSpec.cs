namespace Mayfly.Sandboxd.Wire;

/// <summary>What the server asks sandboxd to start. Paths of the host never appear: sandboxd knows where code and shims lie.</summary>
public sealed record SandboxSpec
{
    /// <summary>Where code lies inside that is no image.</summary>
    public const string CodeFolder = "/var/task";

    /// <summary>The memory that comes with a whole processor, in MiB, as on AWS Lambda.</summary>
    public const int ProcessorMemoryMb = 1769;

    /// <summary>32 lower-case hexadecimal digits, unique for ever.</summary>
    public required string Id { get; init; }

    /// <summary>Hash of the code package; its unpacked tree is mounted read-only at <c>/var/task</c>.</summary>
    public required string CodeSha256 { get; init; }

    /// <summary>Whether the code is the root file system of an image, mounted read-only at <c>/</c> instead of the machine's folders. Then there are no shim, layers or mounts.</summary>
    public bool CodeIsRoot { get; init; }

    /// <summary>The folder to start in, absolute in the sandbox.</summary>
    public string Folder { get; init; } = CodeFolder;

    /// <summary>Name of the tree that is mounted read-only at <c>/opt</c>, beside the code trees and a hash like theirs; <see langword="null"/> for none.</summary>
    public string? LayersSha256 { get; init; }

    /// <summary>
    /// The <see cref="StemOrder.Name"/> of the stems that it may be made of; <see langword="null"/> when it must be started by itself. Whether one is
    /// there or not, it behaves alike.
    /// </summary>
    public string? Stem { get; init; }

    /// <summary>Folder below <c>shims</c> that is mounted read-only at <c>/var/runtime</c>; <see langword="null"/> for none.</summary>
    public string? Shim { get; init; }

    /// <summary>The command line, in paths of the sandbox. The first word is absolute.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The whole environment, in paths of the sandbox.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Memory limit in MiB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Size of the private <c>/tmp</c> in MiB.</summary>
    public required int TmpMb { get; init; }

    /// <summary>
    /// What it reaches over the network. In a network of its own there are listeners on <c>127.0.0.1:9001</c> and
    /// <c>127.0.0.1:4566</c>, which are passed to the server, wherever sandboxd can make the network itself.
    /// </summary>
    public SandboxNetworkMode Network { get; init; }

    /// <summary>Interpreter prefixes to mount read-only at their own path. Each must be in the table that sandboxd was started with.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>Whether to pass a stream socket as descriptor 3 (the frame protocol).</summary>
    public bool Channel { get; init; }

    /// <summary>Whether the program, once initialised, is forked for others: it gets its orders from sandboxd by descriptor 5.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>The sandbox, a template, that it shall be a fork of: it shares that one's namespaces and files, and has limits of its own. <see langword="null"/> for none.</summary>
    public string? ForkOf { get; init; }

    /// <summary>Whether the program starts others: passes a pipe for what they print as descriptor 4 and a stream socket as descriptor 5.</summary>
    public bool Supervised { get; init; }
}

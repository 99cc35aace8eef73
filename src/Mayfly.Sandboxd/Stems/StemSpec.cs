using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>What a stem is started with, before it gets the limits of a function.</summary>
internal static partial class StemSpec
{
    /// <summary>Memory of a stem in MiB; warming up needs less than any function has.</summary>
    internal const int MemoryMb = 1024;

    /// <summary>Size of <c>/tmp</c> in MiB, the default of functions.</summary>
    internal const int TmpMb = 512;

    /// <summary>The sandbox of a stem. Its code is nothing yet.</summary>
    /// <exception cref="StartRefusedException">The order is not allowed.</exception>
    internal static SandboxSpec Of(StemOrder order)
    {
        if (order.Name is null || order.Modules is null || (order.Zygote is { } file && !FilePattern().IsMatch(file)) || order.Modules.Any(static module => module is null || !ModulePattern().IsMatch(module)))
        {
            throw new StartRefusedException("The stems were refused: their names are not valid.");
        }

        var spec = new SandboxSpec
        {
            Id = Guid.NewGuid().ToString("N"),
            CodeSha256 = new('0', 64),
            Shim = order.Shim,
            Command = order.Command,
            Environment = order.Environment,
            MemoryMb = MemoryMb,
            TmpMb = TmpMb,
            Network = order.Network,
            Mounts = order.Mounts,
            Channel = true,
        };
        SpecCheck.Verify(spec);
        return spec;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*(\\.[a-z]+)?\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FilePattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.]*\\z", RegexOptions.None, 1000)]
    private static partial Regex ModulePattern();
}

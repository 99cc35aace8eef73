using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Launching;

/// <summary>Checks what a server asks for as if the server were hostile.</summary>
internal static partial class SpecCheck
{
    private const int MaxText = 512 * 1024;

    /// <exception cref="StartRefusedException">Something in it is not allowed.</exception>
    internal static void Verify(SandboxSpec spec)
    {
        Require(spec.Id is not null && IdPattern().IsMatch(spec.Id), "its id is not 32 hexadecimal digits");
        Require(spec.CodeSha256 is not null && HashPattern().IsMatch(spec.CodeSha256), "its code is not named by a SHA-256");
        Require(spec.LayersSha256 is null || HashPattern().IsMatch(spec.LayersSha256), "its layers are not named by a SHA-256");
        Require(spec.Shim is null || ShimPattern().IsMatch(spec.Shim), "its shim has no valid name");
        Require(spec.Command is { Count: > 0 and <= 1024 }, "its command is empty or too long");
        Require(spec.Command!.All(w => w is not null && !w.Contains('\0')), "its command has a NUL");
        Require(spec.Command![0].StartsWith('/'), "its command does not begin with an absolute path");
        Require(spec.Folder is not null && spec.Folder.StartsWith('/') && !spec.Folder.Contains('\0') && spec.Folder.Length <= 4096, "its folder is not absolute");
        Require(!spec.CodeIsRoot || spec is { Shim: null, LayersSha256: null, Mounts.Count: 0 }, "an image stands alone");
        Require(spec.Environment is not null, "it has no environment");
        foreach (var (key, value) in spec.Environment!)
        {
            Require(key.Length > 0 && !key.Contains('=') && !key.Contains('\0'), "a variable of its environment has no valid name");
            if (value is null || value.Contains('\0'))
            {
                throw Refused($"the variable {key} has a NUL");
            }
        }

        var length = spec.Command!.Sum(w => w.Length) + spec.Environment!.Sum(v => v.Key.Length + v.Value.Length);
        Require(length <= MaxText, "its command and environment are too large");
        Require(spec.MemoryMb is >= 16 and <= 1024 * 1024, "its memory is not between 16 MiB and 1 TiB");
        Require(spec.TmpMb is >= 1 and <= 1024 * 1024, "the size of its /tmp is not between 1 MiB and 1 TiB");
        Require(spec.Mounts is { Count: <= 64 } && spec.Mounts.All(m => m is not null), "its mounts are not valid");
        Require(spec.ForkOf is null || IdPattern().IsMatch(spec.ForkOf), "its template is not 32 hexadecimal digits");
        Require(spec is not { IsTemplate: true, Supervised: true }, "a template starts no others");
        Require(Enum.IsDefined(spec.Network), "its network is of no known mode");
    }

    private static void Require(bool holds, string why)
    {
        if (!holds)
        {
            throw Refused(why);
        }
    }

    private static StartRefusedException Refused(string why) => new($"The sandbox was refused: {why}.");

    [GeneratedRegex("^[0-9a-f]{32}\\z", RegexOptions.None, 1000)]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[0-9a-f]{64}\\z", RegexOptions.None, 1000)]
    private static partial Regex HashPattern();

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,63}\\z", RegexOptions.None, 1000)]
    private static partial Regex ShimPattern();
}

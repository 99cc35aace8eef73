using System.Buffers;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Launching;

/// <summary>Checks what a server asks for as if the server were hostile.</summary>
internal static class SpecCheck
{
    private const int MaxText = 512 * 1024;
    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> s_shim = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>All but the variables, which <see cref="VerifyEnvironment"/> is for: a stem reads them inside, where they can do no harm.</summary>
    /// <exception cref="StartRefusedException">Something in it is not allowed.</exception>
    internal static void Verify(SandboxSpec spec)
    {
        Require(IsHexadecimal(spec.Id, 32), "its id is not 32 hexadecimal digits");
        Require(IsHexadecimal(spec.CodeSha256, 64), "its code is not named by a SHA-256");
        Require(spec.LayersSha256 is null || IsHexadecimal(spec.LayersSha256, 64), "its layers are not named by a SHA-256");
        Require(spec.Shim is null || IsShim(spec.Shim), "its shim has no valid name");
        Require(spec.Command is { Count: > 0 and <= 1024 }, "its command is empty or too long");
        Require(spec.Command!.All(w => w is not null && !w.Contains('\0')), "its command has a NUL");
        Require(spec.Command![0].StartsWith('/'), "its command does not begin with an absolute path");
        Require(spec.Folder is not null && spec.Folder.StartsWith('/') && !spec.Folder.Contains('\0') && spec.Folder.Length <= 4096, "its folder is not absolute");
        Require(!spec.CodeIsRoot || spec is { Shim: null, LayersSha256: null, Mounts.Count: 0 }, "an image stands alone");
        Require(spec.Command!.Sum(w => w.Length) <= MaxText, "its command is too large");
        Require(spec.Environment is not null, "it has no environment");
        Require(spec.Environment is not PackedEnvironment { Json.Length: > MaxText }, "its environment is too large");
        Require(spec.MemoryMb is >= 16 and <= 1024 * 1024, "its memory is not between 16 MiB and 1 TiB");
        Require(spec.TmpMb is >= 1 and <= 1024 * 1024, "the size of its /tmp is not between 1 MiB and 1 TiB");
        Require(spec.Mounts is { Count: <= 64 } && spec.Mounts.All(m => m is not null), "its mounts are not valid");
        Require(spec.ForkOf is null || IsHexadecimal(spec.ForkOf, 32), "its template is not 32 hexadecimal digits");
        Require(spec is not { IsTemplate: true, Supervised: true }, "a template starts no others");
        Require(Enum.IsDefined(spec.Network), "its network is of no known mode");
    }

    /// <summary>The variables.</summary>
    /// <exception cref="StartRefusedException">One is not allowed.</exception>
    internal static void VerifyEnvironment(SandboxSpec spec)
    {
        var length = spec.Command.Sum(w => w.Length);
        foreach (var (key, value) in spec.Environment)
        {
            Require(key.Length > 0 && !key.Contains('=') && !key.Contains('\0'), "a variable of its environment has no valid name");
            if (value is null || value.Contains('\0'))
            {
                throw Refused($"the variable {key} has a NUL");
            }

            length += key.Length + value.Length;
        }

        Require(length <= MaxText, "its command and environment are too large");
    }

    private static bool IsHexadecimal(string? text, int length) => text?.Length == length && !text.AsSpan().ContainsAnyExcept(s_hexadecimal);

    private static bool IsShim(string name) => name.Length is >= 1 and <= 64 && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(s_shim);

    private static void Require(bool holds, string why)
    {
        if (!holds)
        {
            throw Refused(why);
        }
    }

    private static StartRefusedException Refused(string why) => new($"The sandbox was refused: {why}.");
}

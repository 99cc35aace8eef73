using System.Security.Cryptography;

namespace Mayfly.Server.Identity;

/// <summary>The secret that all issued credentials derive from: made once, kept in the store folder, readable by the server alone.</summary>
internal static class ServerKey
{
    private const string FileName = "identity.key";
    private const int Length = 32;

    /// <summary>Reads it; makes it when there is none.</summary>
    internal static byte[] Load(string storeFolder)
    {
        var path = Path.Combine(storeFolder, FileName);
        if (TryRead(path) is { } known)
        {
            return known;
        }

        var made = RandomNumberGenerator.GetBytes(Length);
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var file = new FileStream(draft, options))
        {
            file.Write(made);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
        return made;
    }

    private static byte[]? TryRead(string path)
    {
        try
        {
            // One of another length was cut while it was written by hand: what it signed is worth nothing anyway.
            return File.ReadAllBytes(path) is { Length: Length } key ? key : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}

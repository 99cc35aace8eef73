using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Sandboxes;

/// <summary>A file of a sandbox's control group. The group may go, and the file be closed, at any time.</summary>
/// <param name="file">The file, opened; this closes it.</param>
internal sealed class CgroupFile(SafeFileHandle file) : IDisposable
{
    /// <summary>The number in it; 0 when the group or the file has gone.</summary>
    internal long ReadNumber()
    {
        Span<byte> text = stackalloc byte[32];
        try
        {
            var length = RandomAccess.Read(file, text, 0);
            return long.TryParse(Encoding.ASCII.GetString(text[..length]).Trim(), CultureInfo.InvariantCulture, out var number) ? number : 0;
        }
        catch (Exception e) when (IsGone(e))
        {
            return 0;
        }
    }

    /// <summary>Writes to it.</summary>
    /// <returns>Whether group and file were still there.</returns>
    internal bool TryWrite(ReadOnlySpan<byte> text)
    {
        try
        {
            RandomAccess.Write(file, text, 0);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException || IsGone(e))
        {
            return false;
        }
    }

    public void Dispose() => file.Dispose();

    // A file whose group went before it was first used says that it cannot seek.
    private static bool IsGone(Exception e) => e is IOException or ObjectDisposedException or NotSupportedException;
}

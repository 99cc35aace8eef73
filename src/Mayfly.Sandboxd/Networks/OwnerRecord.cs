using System.Globalization;
using System.Text;
using Mayfly.Sandboxd.Native;

namespace Mayfly.Sandboxd.Networks;

/// <summary>
/// A number that one sandboxd has among those on this machine, and what it changed on the machine: a file that it keeps
/// locked as long as it lives, so that others see what the dead have left.
/// </summary>
internal sealed class OwnerRecord : IDisposable
{
    /// <summary>How many there may be.</summary>
    internal const int Most = 16;

    private const string Folder = "/run/mayfly/networks";
    private readonly FileStream _file;

    private OwnerRecord(int number, FileStream file) => (Number, _file) = (number, file);

    /// <summary>The number.</summary>
    internal int Number { get; }

    /// <summary>The interfaces that it has made forward.</summary>
    internal IReadOnlyList<string> Interfaces
    {
        get
        {
            _file.Position = 0;
            return Lines(_file);
        }
    }

    /// <summary>Takes the lowest number that nobody has.</summary>
    internal static OwnerRecord? TakeFree()
    {
        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (var number = 0; number < Most; number++)
        {
            if (TryTake(number) is { } taken)
            {
                // Something must stand in it from now on: an empty one says that nothing is left.
                taken.Add("");
                return taken;
            }
        }

        return null;
    }

    /// <summary>Takes the records of those that ended without clearing up.</summary>
    internal static IEnumerable<OwnerRecord> TakeLeft()
    {
        for (var number = 0; number < Most; number++)
        {
            if (new FileInfo(PathOf(number)) is { Exists: true, Length: > 0 } && TryTake(number) is { } taken)
            {
                yield return taken;
            }
        }
    }

    /// <summary>Whether another living or dead one has made an interface forward.</summary>
    internal bool IsKnownToOthers(string name) => Enumerable.Range(0, Most).Where(number => number != Number && File.Exists(PathOf(number))).Any(number =>
    {
        // Opened past the file's lock: it says who lives, and keeps nobody from reading.
        using var folder = LibC.OpenFolderNoFollow(null, Folder);
        using var file = new FileStream(LibC.OpenFileNoFollow(folder, NameOf(number)), FileAccess.Read);
        return Lines(file).Contains(name, StringComparer.Ordinal);
    });

    /// <summary>Adds an interface.</summary>
    internal void Add(string name)
    {
        _file.Position = _file.Length;
        _file.Write(Encoding.UTF8.GetBytes(name + "\n"));
        _file.Flush();
    }

    /// <summary>Says that nothing is left.</summary>
    internal void Empty() => _file.SetLength(0);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static OwnerRecord? TryTake(int number)
    {
        try
        {
            return new(number, new FileStream(PathOf(number), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException)
        {
            // Locked: its owner lives.
            return null;
        }
    }

    private static List<string> Lines(FileStream file)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string PathOf(int number) => Path.Combine(Folder, NameOf(number));

    private static string NameOf(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>The log of one function: a file that grows to a limit, and the full one before it.</summary>
/// <param name="path">The newest file.</param>
/// <param name="limit">Bytes after which a new file is begun.</param>
internal sealed class FunctionLogsFile(string path, long limit) : IDisposable
{
    private FileStream? _stream;

    /// <summary>When it was last written to, as the writer counts.</summary>
    public long LastUse { get; private set; }

    /// <summary>Where a function's log is. Names are Lambda's and so are safe; anything else is spelled in hexadecimal.</summary>
    public static string PathOf(string folder, string region, string function) => Path.Combine(folder, Safe(region), Safe(function) + ".log");

    /// <summary>The file before the newest one.</summary>
    public static string Older(string path) => path + ".1";

    /// <summary>Appends one encoded line, which ends in a line break.</summary>
    public void Write(ReadOnlySpan<byte> line, long use)
    {
        LastUse = use;
        _stream ??= Open();
        if (_stream.Position > 0 && _stream.Position + line.Length > limit)
        {
            _stream.Dispose();
            File.Move(path, Older(path), overwrite: true);
            _stream = Open();
        }

        _stream.Write(line);
    }

    /// <summary>Hands what was written to the operating system.</summary>
    public void Flush() => _stream?.Flush();

    /// <summary>Reads both files, oldest line first. A line that is cut or broken is passed over.</summary>
    /// <param name="path">The newest file.</param>
    /// <param name="until">Bytes of the newest file to read.</param>
    public static IEnumerable<LogLine> Read(string path, long until)
    {
        // A file that is shorter than it was has been moved aside meanwhile.
        var rotated = Length(path) < until;
        var files = rotated ? [(Older(path), until)] : new[] { (Older(path), long.MaxValue), (path, until) };
        foreach (var (file, end) in files)
        {
            if (!File.Exists(file))
            {
                continue;
            }

            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var at = 0L;
            while (at < end && reader.ReadLine() is { } text)
            {
                at += Encoding.UTF8.GetByteCount(text) + 1;
                if (Parse(text) is { } line)
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>A file's length; 0 when it is not there.</summary>
    public static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <inheritdoc />
    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }

    private static LogLine? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, FunctionLogsJson.Relaxed.LogLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Safe(string name) =>
        name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? name
            : "x." + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 32 * 1024);
    }
}

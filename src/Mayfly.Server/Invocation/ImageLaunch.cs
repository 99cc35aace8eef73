using System.Buffers.Binary;
using System.Text;
using Mayfly.Server.Functions.Images;

namespace Mayfly.Server.Invocation;

/// <summary>Finds what an image starts, and says beforehand what is wrong with it, in the words of AWS Lambda.</summary>
/// <param name="root">The image's file system.</param>
/// <param name="image">What the function wants of it.</param>
/// <param name="searchPath">The function's <c>PATH</c>.</param>
internal sealed class ImageLaunch(ImageRoot root, ImageSettings image, string searchPath)
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const int MachineOfProgram = 18;
    private const int LongestScriptLine = 256;

    // What the sandbox brings itself and no image.
    private static readonly string[] Own = ["/proc", "/dev", "/tmp"];

    /// <summary>The command line with an absolute first word.</summary>
    /// <param name="command">The command line; empty when there is a problem.</param>
    /// <returns>What is wrong; <see langword="null"/> when it can be started.</returns>
    public InvocationError? Find(out IReadOnlyList<string> command)
    {
        command = [];
        var folder = image.Folder();
        if (!folder.StartsWith('/'))
        {
            return Wrong("Runtime.InvalidWorkingDir", $"the working directory '{folder}' is invalid, it needs to be an absolute path");
        }

        if (!IsOwn(folder) && (root.Resolve(folder) is not { } place || !Directory.Exists(place)))
        {
            return Wrong("Runtime.InvalidWorkingDir", $"the working directory doesn't exist: {folder}");
        }

        if (image.CommandLine() is not [{ Length: > 0 } first, .. var words])
        {
            return Wrong("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): []");
        }

        var program = first.StartsWith('/') ? first
            : first.Contains('/', StringComparison.Ordinal) ? $"{folder.TrimEnd('/')}/{first}"
            : searchPath.Split(':').Where(static entry => entry.StartsWith('/')).Select(entry => $"{entry.TrimEnd('/')}/{first}").FirstOrDefault(path => ProblemOfFile(path, out _) is null);
        if (program is null)
        {
            return Wrong("Runtime.InvalidEntrypoint", $"exec: \"{first}\": executable file not found in $PATH");
        }

        if (Problem(program) is { } problem)
        {
            return Wrong("Runtime.InvalidEntrypoint", $"fork/exec {(first.Contains('/', StringComparison.Ordinal) ? first : program)}: {problem}");
        }

        command = [program, .. words];
        return null;
    }

    private static InvocationError Wrong(string type, string message) => new(InvocationErrorKind.InitFailed, type, "Error: " + message);

    private static bool IsOwn(string path) => Own.Any(own => path == own || path.StartsWith(own + "/", StringComparison.Ordinal));

    private string? ProblemOfFile(string path, out string? file) =>
        (file = root.Resolve(path)) is null ? "no such file or directory"
        : !File.Exists(file) || (File.GetUnixFileMode(file) & AnyExecute) == UnixFileMode.None ? "permission denied"
        : null;

    /// <summary>What the kernel would say about starting a file; <see langword="null"/> for nothing.</summary>
    private string? Problem(string path)
    {
        if (ProblemOfFile(path, out var file) is { } problem)
        {
            return problem;
        }

        Span<byte> start = stackalloc byte[LongestScriptLine];
        using var handle = File.OpenHandle(file!);
        start = start[..RandomAccess.Read(handle, start, 0)];
        if (start.StartsWith("#!"u8))
        {
            var line = Encoding.UTF8.GetString(start[2..]).Split('\n')[0].Trim().Split(' ', '\t')[0];
            return line.StartsWith('/') && root.Resolve(line) is { } interpreter && File.Exists(interpreter) ? null : "no such file or directory";
        }

        return start.Length > MachineOfProgram + 1 && start.StartsWith("\u007fELF"u8) && BinaryPrimitives.ReadUInt16LittleEndian(start[MachineOfProgram..]) == ImagePlatform.Machine ? null : "exec format error";
    }
}

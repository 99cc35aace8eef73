using System.Runtime.InteropServices;

namespace Mayfly.Supervision;

/// <summary>How to start this program again: one file when published, <c>dotnet mayfly.dll</c> otherwise.</summary>
/// <param name="Words">The program and what must stand before its arguments.</param>
/// <param name="Folders">Folders that it is read from.</param>
public sealed record SelfCommand(IReadOnlyList<string> Words, IReadOnlyList<string> Folders)
{
    /// <summary>Finds it out.</summary>
    public static SelfCommand Find()
    {
        var application = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var assembly = Path.Combine(application, "mayfly.dll");
        var process = Environment.ProcessPath ?? "";
        if (!File.Exists(assembly))
        {
            return new([process], [Path.GetDirectoryName(process)!]);
        }

        // <root>/shared/Microsoft.NETCore.App/<version>/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        if (Path.GetFileNameWithoutExtension(process) == "mayfly")
        {
            return new([process], [application, root]);
        }

        var host = Path.GetFileNameWithoutExtension(process) == "dotnet" ? process : Path.Combine(root, "dotnet");
        return new([host, assembly], [application, root]);
    }
}

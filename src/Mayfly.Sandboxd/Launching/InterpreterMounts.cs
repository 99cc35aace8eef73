using System.Text.Json;

namespace Mayfly.Sandboxd.Launching;

/// <summary>The interpreters that <c>interpreters.json</c> names and the folders that it allows to be mounted. Its owner is not the server.</summary>
internal sealed class InterpreterMounts(string file)
{
    private readonly Lock _guard = new();
    private DateTime _readAt;
    private HashSet<string> _allowed = [];
    private HashSet<string> _programs = [];

    /// <summary>Whether a folder may be mounted at its own path.</summary>
    internal bool Allows(string folder) => Look(() => _allowed.Contains(folder));

    /// <summary>Whether a program is one of the interpreters.</summary>
    internal bool IsInterpreter(string program) => Look(() => _programs.Contains(program));

    private bool Look(Func<bool> question)
    {
        lock (_guard)
        {
            var changedAt = File.GetLastWriteTimeUtc(file);
            if (changedAt != _readAt)
            {
                (_allowed, _programs) = Read();
                _readAt = changedAt;
            }

            return question();
        }
    }

    private (HashSet<string> Mounts, HashSet<string> Programs) Read()
    {
        var mounts = new HashSet<string>(StringComparer.Ordinal);
        var programs = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var interpreter in json.RootElement.EnumerateArray())
            {
                if (interpreter.TryGetProperty("executable", out var executable) && executable.GetString() is { } program)
                {
                    programs.Add(program);
                }

                if (interpreter.TryGetProperty("mounts", out var folders) && folders.ValueKind == JsonValueKind.Array)
                {
                    foreach (var folder in folders.EnumerateArray())
                    {
                        mounts.Add(folder.GetString() ?? "");
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            // Without a readable table nothing is allowed.
            mounts.Clear();
            programs.Clear();
        }

        // A table that names the root or a relative path is broken.
        mounts.RemoveWhere(m => m.Length < 2 || m[0] != '/' || m.Contains("..", StringComparison.Ordinal));
        return (mounts, programs);
    }
}

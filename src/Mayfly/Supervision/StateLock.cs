using System.Globalization;

namespace Mayfly.Supervision;

/// <summary>The lock on a state folder: one Mayfly a folder. The kernel frees it when the holder dies, however it dies.</summary>
public sealed class StateLock : IDisposable
{
    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Takes the lock and writes who holds it.</summary>
    /// <exception cref="SupervisorException">Another Mayfly holds it; the message names its pid and endpoint.</exception>
    public static StateLock Take(StateFolder state, string endpoint)
    {
        FileStream held;
        try
        {
            held = new FileStream(state.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new SupervisorException(Describe(state), e);
        }

        // A locked file cannot be opened by others, not even to read who holds it.
        File.WriteAllText(state.Holder, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n{endpoint}\n"));
        return new StateLock(held);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private static string Describe(StateFolder state)
    {
        var project = Path.GetDirectoryName(state.Root);
        try
        {
            if (File.ReadAllLines(state.Holder) is [var pid, var endpoint, ..])
            {
                return $"Mayfly is already running in {project}: pid {pid}, {endpoint}. Stop it with: kill {pid}";
            }
        }
        catch (IOException)
        {
            // The holder is just going away; the general message is still true.
        }

        return $"Mayfly is already running in {project}.";
    }
}

namespace Mayfly.Bench.Processes;

/// <summary>Finds what functions are to be held to.</summary>
internal static class Interpreters
{
    /// <summary>Starts of each file before one is chosen.</summary>
    private const int Tries = 5;

    /// <summary>
    /// Of the file that runs functions and those that are installed under a name, the one that does something in the least time:
    /// what one of them has in its site folder can double its start.
    /// </summary>
    public static string Quickest(string program, string name, params string[] arguments) =>
        Programs.FindAll(name).Append(program).Distinct(StringComparer.Ordinal).MinBy(candidate => Time(candidate, arguments))!;

    private static double Time(string program, string[] arguments)
    {
        try
        {
            return Enumerable.Range(0, Tries).Min(_ => BareProcess.Run(program, arguments));
        }
        catch (BenchException)
        {
            // It lacks a module.
            return double.MaxValue;
        }
    }
}

namespace Mayfly.Fuzz;

/// <summary>Where inputs lie: one folder a target.</summary>
/// <param name="root">The folder <c>test/Fuzz</c>.</param>
public sealed class Folders(string root)
{
    /// <summary>All inputs of a target, in a fixed order.</summary>
    public IReadOnlyList<byte[]> Corpus(string target) =>
        Directory.Exists(Path.Combine(root, "corpus", target))
            ? [.. Directory.GetFiles(Path.Combine(root, "corpus", target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
            : [];

    /// <summary>Adds an input to the corpus.</summary>
    public void Keep(string target, byte[] input) => Write(Path.Combine(root, "corpus", target), input);

    /// <summary>Keeps an input that failed.</summary>
    public string Find(string target, byte[] input) => Write(Path.Combine(root, "findings", target), input);

    private static string Write(string folder, byte[] input)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, Fuzzer.NameOf(input));
        File.WriteAllBytes(file, input);
        return file;
    }
}

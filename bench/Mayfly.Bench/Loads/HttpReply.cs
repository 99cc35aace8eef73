namespace Mayfly.Bench.Loads;

/// <summary>An answer, read to its end.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Headers">The lines after the first, as they came.</param>
/// <param name="Body">As text.</param>
internal sealed record HttpReply(int Status, string Headers, string Body)
{
    /// <summary>The value of a header; <see langword="null"/> when it is not there.</summary>
    public string? Header(string name) =>
        Headers.Split("\r\n").Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();
}

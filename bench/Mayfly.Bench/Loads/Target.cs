using System.Diagnostics;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Loads;

/// <summary>Something that answers over HTTP.</summary>
/// <param name="Name">How reports call it.</param>
/// <param name="Port">On 127.0.0.1.</param>
/// <param name="Path">With its leading slash.</param>
/// <param name="Body">What is posted; <see langword="null"/> for a GET.</param>
/// <param name="Server">The process whose processor time is its cost.</param>
/// <param name="Verb">The HTTP method; <see langword="null"/> for GET without a body and POST with one.</param>
internal sealed record Target(string Name, int Port, string Path, string? Body, Process Server, string? Verb = null)
{
    /// <summary>The HTTP method.</summary>
    public string Method => Verb ?? (Body is null ? "GET" : "POST");

    /// <summary>What goes with each request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How many paths there are: a number is put behind <see cref="Path"/>, from 1 to this and from the beginning again; 0: only the path itself.</summary>
    public int Paths { get; init; }

    /// <summary>Writes what makes the load generator send this request.</summary>
    public string WriteScript(string folder)
    {
        var file = System.IO.Path.Combine(folder, Method + ".lua");
        var body = Body is null ? "" : $"wrk.body = [==[{Body}]==]\nwrk.headers['Content-Type'] = 'application/json'\n";
        var paths = Paths == 0 ? "" : Report.Text($"local n = 0\nrequest = function() n = n % {Paths} + 1; return wrk.format(nil, '{Path}' .. n) end\n");
        File.WriteAllText(file, $"wrk.method = '{Method}'\n{body}{string.Concat(Headers.Select(static header => $"wrk.headers['{header.Key}'] = '{header.Value}'\n"))}{paths}");
        return file;
    }
}

using System.Diagnostics;

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

    /// <summary>Writes what makes the load generator send this request.</summary>
    public string WriteScript(string folder)
    {
        var file = System.IO.Path.Combine(folder, Method + ".lua");
        File.WriteAllText(file, Body is null ? $"wrk.method = '{Method}'\n" : $"wrk.method = '{Method}'\nwrk.body = [[{Body}]]\nwrk.headers['Content-Type'] = 'application/json'\n");
        return file;
    }
}

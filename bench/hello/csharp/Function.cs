namespace Hello;

/// <summary>The answer of a function URL.</summary>
public sealed record Response(int StatusCode, Dictionary<string, string> Headers, string Body);

/// <summary>Which program runs a function.</summary>
public sealed record Description(string? Program);

/// <summary>Deployed as <c>Hello::Hello.Function::Handle</c>.</summary>
public static class Function
{
    private static readonly Dictionary<string, string> s_headers = new(StringComparer.Ordinal) { ["content-type"] = "application/json" };

    public static Response Handle() => new(200, s_headers, "\"Hello World!\"");

    public static Description About() => new(Environment.ProcessPath);

    /// <summary>What <c>dotnet Hello.dll</c> does: the start that a cold start is measured beside.</summary>
    public static void Main() => Console.WriteLine("Hello World!");
}

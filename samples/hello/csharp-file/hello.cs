namespace Hello;

/// <summary>One file, no project: deployed as <c>Hello::Hello.Function::Handle</c>, the assembly being named like the file.</summary>
public static class Function
{
    public static object Handle() => new { statusCode = 200, body = "Hello from a single C# file!\n" };
}

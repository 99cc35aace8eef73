using Mayfly.Output;

namespace Mayfly.Server.Tests.Cli;

public sealed class TerminalTests
{
    [Fact]
    public void ALineThatAFunctionPrinted_IsNeverBroken()
    {
        using var output = new StringWriter();
        var text = string.Join(' ', Enumerable.Repeat("word [x]", 1000));
        new Terminal(output, TextWriter.Null, json: false).Log("f", text);
        output.ToString().ShouldBe($"f {text}{Environment.NewLine}");
    }
}

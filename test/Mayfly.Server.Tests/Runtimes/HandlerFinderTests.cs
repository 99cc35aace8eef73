using Mayfly.Server.Runtimes;
using Mayfly.Server.Tests.Shims;

namespace Mayfly.Server.Tests.Runtimes;

public sealed class HandlerFinderTests
{
    [Theory]
    [InlineData("hello.py", "import json\n\ndef hello_world(event, context):\n    return 1\n", "python", "hello.hello_world")]
    [InlineData("lambda_function.py", "async def lambda_handler(event: dict, context) -> dict:\n    pass\n", "python", "lambda_function.lambda_handler")]
    [InlineData("index.js", "'use strict';\nexports.handler = async (event) => 1;\n", "nodejs", "index.handler")]
    [InlineData("app.mjs", "export const main = async () => 1;\n", "nodejs", "app.main")]
    [InlineData("hello.cs", "namespace A.B;\npublic static class Function\n{\n    public static object Handle() => 1;\n}\n", "dotnet", "hello::A.B.Function::Handle")]
    [InlineData("go.mod", "module x\n", "provided.al2023", "bootstrap")]
    [InlineData("bootstrap", "#!/bin/sh\n", "provided.al2023", "bootstrap")]
    public void One_file_is_enough(string file, string text, string runtime, string handler)
    {
        using var folder = new CodeFolder((file, text), ("README.md", "def handler(event, context):"));
        HandlerFinder.Find(folder.Root, ShimsArchive.Definitions).ShouldBe([new FoundHandler(runtime, handler, file)]);
    }

    [Fact]
    public void The_usual_file_names_come_first_and_helpers_are_no_handlers()
    {
        using var folder = new CodeFolder(("zoo.py", "def a(event, context): pass\n"), ("app.py", "def b(event, context): pass\ndef helper(x, y): pass\n"), ("lib.py", "def c(path): pass\n"));
        HandlerFinder.Find(folder.Root, ShimsArchive.Definitions).Select(f => f.Handler).ShouldBe(["app.b", "zoo.a"]);
    }
}

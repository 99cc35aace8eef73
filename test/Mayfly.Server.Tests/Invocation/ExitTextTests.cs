using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

public sealed class ExitTextTests
{
    [Theory]
    [InlineData(0, false, "Runtime exited without providing a reason")]
    [InlineData(1, false, "Runtime exited with error: exit status 1")]
    [InlineData(128, false, "Runtime exited with error: exit status 128")]
    [InlineData(137, false, "Runtime exited with error: signal: killed")]
    [InlineData(139, false, "Runtime exited with error: signal: segmentation fault")]
    [InlineData(255, false, "Runtime exited with error: exit status 255")]
    [InlineData(1, true, "Runtime exited with error: signal: killed")]
    public void Exit_IsWordedAsLambdaWordsIt(int code, bool outOfMemory, string text) =>
        ExitText.Of(new SandboxExit(code, outOfMemory)).ShouldBe(text);
}

using System.Text;
using System.Text.Json;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

public sealed class ErrorPayloadTests
{
    [Fact]
    public void Write_IsReadBack()
    {
        var payload = ErrorPayload.Write("Runtime.ExitError", "a \"quoted\" message\n");

        JsonDocument.Parse(payload).RootElement.GetProperty("errorType").GetString().ShouldBe("Runtime.ExitError");
        ErrorPayload.Read(payload).ShouldBe(("Runtime.ExitError", "a \"quoted\" message\n"));
    }

    [Theory]
    [InlineData("""{"errorMessage":"m","errorType":"T","stackTrace":[{"errorType":"inner"}]}""", "T", "m")]
    [InlineData("""{"stackTrace":[["errorType"]],"errorMessage":{"errorType":"x"},"errorType":7}""", "Unhandled", "")]
    [InlineData("""{"errorType":"T",""", "T", "")]
    [InlineData("not json", "Unhandled", "")]
    [InlineData("", "Unhandled", "")]
    [InlineData("\"errorType\"", "Unhandled", "")]
    public void Read_TakesWhateverASandboxSends(string json, string type, string message) =>
        ErrorPayload.Read(Encoding.UTF8.GetBytes(json)).ShouldBe((type, message));

    [Fact]
    public void Read_OfBrokenText_DoesNotThrow()
    {
        // A lone surrogate escape and bytes that are no UTF-8.
        ErrorPayload.Read("{\"errorType\":\"\\ud800\"}"u8).Type.ShouldBe("Unhandled");
        ErrorPayload.Read([.. "{\"errorType\":\""u8, 0xff, 0xfe, .. "\"}"u8]).Message.ShouldBe("");
    }
}

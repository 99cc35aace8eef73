using System.Text;
using Mayfly.Server.Dialects.Aws.Lambda;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

public sealed class LambdaErrorsTests
{
    [Theory]
    [InlineData("ResourceNotFoundException", 404, """{"Type":"User","Message":"m"}""")]
    [InlineData("InvalidParameterValueException", 400, """{"Type":"User","message":"m"}""")]
    [InlineData("ResourceConflictException", 409, """{"Type":"User","message":"m"}""")]
    [InlineData("CodeSigningConfigNotFoundException", 404, """{"Type":"User","Message":"m"}""")]
    [InlineData("ServiceException", 500, """{"Type":"Service","Message":"m"}""")]
    [InlineData("InvalidRuntimeException", 502, """{"Type":"Service","Message":"m"}""")]
    [InlineData("ValidationException", 400, """{"message":"m"}""")]
    [InlineData("SerializationException", 400, """{"message":"m"}""")]
    [InlineData("AccessDeniedException", 403, """{"Message":"m"}""")]
    [InlineData("NotImplementedException", 501, """{"Type":"Service","message":"m"}""")]
    public async Task AnError_HasTheMembersOfItsShape(string type, int status, string body)
    {
        var (context, text) = await WriteAsync(new(status, type, "m"));
        context.Response.StatusCode.ShouldBe(status);
        context.Response.Headers["x-amzn-ErrorType"].ToString().ShouldBe(type);
        text.ShouldBe(body);
    }

    [Fact]
    public async Task TheModel_DecidesTheStatus()
    {
        var (context, text) = await WriteAsync(new(400, "TooManyRequestsException", "Rate Exceeded.") { Reason = "CallerRateLimitExceeded" });
        context.Response.StatusCode.ShouldBe(429);
        context.Response.Headers.RetryAfter.ToString().ShouldBe("1");
        text.ShouldBe("""{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate Exceeded."}""");
    }

    [Fact]
    public void AFailureThatAHandlerFinds_IsCountedAsTheModelsAre()
    {
        LambdaException.Validation("Value 'x' at 'y' failed").Message.ShouldBe("1 validation error detected: Value 'x' at 'y' failed");
        LambdaException.Validation("a", "b").Message.ShouldBe("2 validation errors detected: a; b");
    }

    private static async Task<(HttpContext Context, string Text)> WriteAsync(LambdaException error)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        await LambdaErrors.WriteAsync(context, error);
        await context.Response.BodyWriter.FlushAsync();
        return (context, Encoding.UTF8.GetString(body.ToArray()));
    }
}

using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.Lambda;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

public sealed class FunctionNamesTests
{
    private const string Arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

    private static readonly AwsScope Scope = new("000000000000", "us-east-1");

    [Theory]
    [InlineData("f", null, null)]
    [InlineData("f", "", null)]
    [InlineData("f:7", null, "7")]
    [InlineData("f:live", "live", "live")]
    [InlineData("function:f", "$LATEST", "$LATEST")]
    [InlineData("000000000000:function:f:$LATEST", null, "$LATEST")]
    [InlineData(Arn, "2", "2")]
    [InlineData(Arn + ":2", null, "2")]
    public void EveryForm_NamesTheFunction(string text, string? qualifier, string? expected)
    {
        var reference = FunctionNames.Resolve(text, qualifier, Scope, "GetFunction");
        reference.Key.ShouldBe(new("000000000000", "us-east-1", "f"));
        reference.Qualifier.ShouldBe(expected);
    }

    [Theory]
    [InlineData("arn:aws:lambda:eu-west-1:000000000000:function:f", "GetFunction", "ResourceNotFoundException", "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')")]
    [InlineData("arn:aws:lambda:us-east-1:123456789012:function:f", "GetFunction", "AccessDeniedException", "User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:f because no resource-based policy allows the lambda:GetFunction action")]
    [InlineData("123456789012:function:f", "Invoke", "AccessDeniedException", "User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:f because no resource-based policy allows the lambda:InvokeFunction action")]
    [InlineData("f:6", "GetFunction", "InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier.")]
    [InlineData("f.g", "Invoke", "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f.g")]
    [InlineData("arn:aws:s3:::b", "Invoke", "ValidationException", "1 validation error detected: Value 'arn:aws:s3:::b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:")]
    [InlineData("f\n", "Invoke", "ValidationException", "1 validation error detected: Value 'f\n' at")]
    [InlineData("", "Invoke", "ValidationException", "2 validation errors detected: Value '' at 'functionName' failed to satisfy constraint: Member must have length greater than or equal to 1; ")]
    [InlineData(Arn + ":1", "CreateFunction", "InvalidParameterValueException", "A function is created without a qualifier")]
    [InlineData("a-name-of-sixty-five-characters-that-is-one-more-than-a-new-one-is", "CreateFunction", "InvalidParameterValueException", "1 validation error detected: Value 'a-name-of-sixty-five-characters-that-is-one-more-than-a-new-one-is' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64")]
    public void WhatIsOutOfReach_IsToldApart(string text, string operation, string type, string message)
    {
        var error = Should.Throw<LambdaException>(() => FunctionNames.Resolve(text, "7", Scope, operation));
        error.Type.ShouldBe(type);
        error.Message.ShouldStartWith(message);
    }

    [Fact]
    public void ALongName_CanBeAskedFor_ThoughNoFunctionHasIt() =>
        FunctionNames.Resolve(new('x', 100), null, Scope, "GetFunction").Key.Name.Length.ShouldBe(100);
}

using System.Text;
using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Tests.Dialects.Aws.Models;

/// <summary>The texts are those that the service answers with.</summary>
public sealed class RequestValidatorTests
{
    private const string Good = """ "FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","Code":{}""";
    private const string NamePattern = @"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";
    private const string DottedNamePattern = @"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

    [Theory]
    [InlineData("{}", "3 validation errors detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null; Value null at 'role' failed to satisfy constraint: Member must not be null; Value null at 'code' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"FunctionName":null,"Role":null,"Code":{}}""", "2 validation errors detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null; Value null at 'role' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"FunctionName":"bad name","Role":"arn:aws:iam::000000000000:role/r","Code":{}}""", "1 validation error detected: Value 'bad name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + NamePattern)]
    [InlineData("""{"FunctionName":"","Role":"me","Code":{}}""", "3 validation errors detected: Value '' at 'functionName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + NamePattern + @"; Value 'me' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")]
    public void CreateFunction_NeedsItsMembers(string body, string text) => Check("CreateFunction", body).ShouldBe(text);

    [Theory]
    [InlineData("\"Timeout\":3000", "Value '3000' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900")]
    [InlineData("\"Timeout\":0", "Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1")]
    [InlineData("\"Timeout\":99999999999", "Value '99999999999' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900")]
    [InlineData("\"MemorySize\":127", "Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128")]
    [InlineData("\"MemorySize\":10241", "Value '10241' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240")]
    [InlineData("\"EphemeralStorage\":{\"Size\":511}", "Value '511' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value greater than or equal to 512")]
    [InlineData("\"EphemeralStorage\":{}", "Value null at 'ephemeralStorage.size' failed to satisfy constraint: Member must not be null")]
    [InlineData("\"Handler\":\"\"", @"Value '' at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s]+")]
    [InlineData("\"PackageType\":\"Tar\"", "Value 'Tar' at 'packageType' failed to satisfy constraint: Member must satisfy enum value set: [Zip, Image]")]
    [InlineData("\"KMSKeyArn\":\"k\"", "Value 'k' at 'kMSKeyArn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()")]
    [InlineData("\"Architectures\":[\"mips\"]", "Value '[mips]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]")]
    [InlineData("\"Architectures\":[]", "Value '[]' at 'architectures' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData("\"Architectures\":[\"x86_64\",\"arm64\"]", "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1")]
    [InlineData("\"Architectures\":[null]", "Value '[null]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]")]
    [InlineData("\"Environment\":{\"Variables\":{\"1\":\"x\"}}", "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]")]
    [InlineData("\"Environment\":{\"Variables\":{\"AB\":null}}", "Value at 'environment.variables' failed to satisfy constraint: Map value must satisfy constraint: [Member must not be null]")]
    [InlineData("\"VpcConfig\":{\"SecurityGroupIds\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}", "Value '[a, b, c, d, e, f]' at 'vpcConfig.securityGroupIds' failed to satisfy constraint: Member must have length less than or equal to 5")]
    [InlineData("\"Layers\":[\"l\"]", @"Value '[l]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 140, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+, Member must not be null]")]
    [InlineData("\"FileSystemConfigs\":[{\"LocalMountPath\":\"/tmp\"}]", "Value '/tmp' at 'fileSystemConfigs.1.member.localMountPath' failed to satisfy constraint: Member must satisfy regular expression pattern: /mnt/[a-zA-Z0-9-_.]+", "Value null at 'fileSystemConfigs.1.member.arn' failed to satisfy constraint: Member must not be null")]
    [InlineData("\"MemorySize\":1,\"Timeout\":901", "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900", "Value '1' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128")]
    [InlineData("\"TracingConfig\":{\"Mode\":\"On\"},\"SnapStart\":{\"ApplyOn\":\"All\"}", "Value 'On' at 'tracingConfig.mode' failed to satisfy constraint: Member must satisfy enum value set: [Active, PassThrough]", "Value 'All' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]")]
    public void CreateFunction_HoldsItsBounds(string member, params string[] failures) =>
        Check("CreateFunction", $"{{{Good},{member}}}").ShouldBe(new RequestFault(null, failures).Message);

    [Theory]
    [InlineData("CreateFunctionUrlConfig", """{"AuthType":"foo","InvokeMode":"bar"}""", "2 validation errors detected: Value 'foo' at 'authType' failed to satisfy constraint: Member must satisfy enum value set: [AWS_IAM, NONE]; Value 'bar' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: [BUFFERED, RESPONSE_STREAM]")]
    [InlineData("CreateFunctionUrlConfig", """{"AuthType":"NONE","Cors":{"AllowMethods":["GET","POST","OPTIONS"]}}""", "1 validation error detected: Value '[GET, POST, OPTIONS]' at 'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 6, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: .*, Member must not be null]")]
    [InlineData("CreateAlias", """{"Name":"a","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"1":2.0}}}""", "1 validation error detected: Value '{1=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]")]
    [InlineData("CreateAlias", """{"Name":"a","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"x":0.5}}}""", "1 validation error detected: Value '{x=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]")]
    [InlineData("CreateAlias", """{"Name":"12","FunctionVersion":"1"}""", "1 validation error detected: Value '12' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)")]
    [InlineData("PutFunctionConcurrency", """{"ReservedConcurrentExecutions":-1}""", "1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0")]
    [InlineData("PutFunctionEventInvokeConfig", """{"MaximumRetryAttempts":3,"MaximumEventAgeInSeconds":59}""", "2 validation errors detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2; Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60")]
    [InlineData("AddLayerVersionPermission", """{"StatementId":"s","Action":"ListLayerVersions","Principal":"*"}""", "1 validation error detected: Value 'ListLayerVersions' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion")]
    [InlineData("PublishLayerVersion", """{"Content":{"ZipFile":"AA=="},"CompatibleArchitectures":["mips"]}""", "1 validation error detected: Value '[mips]' at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]")]
    [InlineData("TagResource", "{}", "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null")]
    public void OtherBodies_HoldTheirBounds(string operation, string body, string text) => Check(operation, body).ShouldBe(text);

    [Theory]
    [InlineData("ListFunctions", "?MaxItems=0", "f", "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1")]
    [InlineData("ListFunctions", "?MaxItems=10001&FunctionVersion=NONE", "f", "2 validation errors detected: Value 'NONE' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]; Value '10001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 10000")]
    [InlineData("ListFunctions", "?MaxItems=many", "f", "STRING_VALUE can not be converted to an Integer")]
    [InlineData("GetFunction", "?Qualifier=a.b", "f", "1 validation error detected: Value 'a.b' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+")]
    [InlineData("GetFunction", "", "bad name", "1 validation error detected: Value 'bad name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + DottedNamePattern)]
    [InlineData("GetFunction", "", "arn:aws:s3:::bucket", "1 validation error detected: Value 'arn:aws:s3:::bucket' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + DottedNamePattern)]
    [InlineData("UntagResource", "", "arn:aws:lambda:us-east-1:000000000000:function:f", "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null")]
    [InlineData("CreateFunctionUrlConfig", "?Qualifier=7", "f", "2 validation errors detected: Value '7' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$); Value null at 'authType' failed to satisfy constraint: Member must not be null")]
    [InlineData("GetFunctionRecursionConfig", "", "f:1", @"1 validation error detected: Value 'f:1' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)")]
    public void PathsAndQueries_HoldTheirBounds(string operation, string query, string name, string text) =>
        Check(operation, "", query, name).ShouldBe(text);

    [Theory]
    [InlineData("\"Timeout\":\"3\"", "STRING_VALUE can not be converted to an Integer")]
    [InlineData("\"Timeout\":true", "TRUE_VALUE can not be converted to an Integer")]
    [InlineData("\"Timeout\":1.5", "NUMBER_VALUE can not be converted to an Integer")]
    [InlineData("\"Timeout\":[3]", "Start of list found where not expected")]
    [InlineData("\"Timeout\":{}", "Start of structure or map found where not expected.")]
    [InlineData("\"Description\":7", "NUMBER_VALUE can not be converted to a String")]
    [InlineData("\"Description\":false", "FALSE_VALUE can not be converted to a String")]
    [InlineData("\"Publish\":\"yes\"", "STRING_VALUE can not be converted to a Boolean")]
    [InlineData("\"Layers\":\"l\"", "Expected list or null")]
    [InlineData("\"Layers\":[1]", "NUMBER_VALUE can not be converted to a String")]
    [InlineData("\"TracingConfig\":5", "Expected null")]
    [InlineData("\"TracingConfig\":[]", "Start of list found where not expected")]
    [InlineData("\"Environment\":{\"Variables\":{\"AB\":1}}", "NUMBER_VALUE can not be converted to a String")]
    [InlineData("\"Environment\":{\"Variables\":[]}", "Start of list found where not expected")]
    [InlineData("\"Timeout\":3000,\"MemorySize\":\"1\"", "STRING_VALUE can not be converted to an Integer")]
    public void AnotherType_IsToldBeforeAnyBound(string member, string text) => Check("CreateFunction", $"{{{Good},{member}}}").ShouldBe(text);

    [Theory]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"FunctionName\":\"f\",}")]
    [InlineData("x")]
    public void WhatIsNoJson_IsUnreadable(string body) => Check("CreateFunction", body)!.ShouldStartWith("Unexpected token in the request body at line 1");

    [Fact]
    public void WhatTheModelAllows_Passes()
    {
        Check("CreateFunction", "{" + Good + ""","Runtime":"a-runtime-of-this-server","Handler":"a.b","Timeout":900,"MemorySize":128,"Environment":{"Variables":{"AB":""}},"Unknown":{"Any":[1]},"Description":null,"KMSKeyArn":"","Tags":{"a":"b"}}""").ShouldBeNull();
        Check("CreateFunction", """{"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:f","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"AA=="}}""").ShouldBeNull();
        Check("PublishVersion", "").ShouldBeNull();
        Check("GetLayerVersion", "").ShouldBeNull();
        Check("GetFunction", "", "?Qualifier=", "arn:aws:lambda:us-east-1:000000000000:function:f:7").ShouldBeNull();
        Check("UntagResource", "", "?tagKeys=a&tagKeys=b", "arn:aws:lambda:us-east-1:000000000000:function:f").ShouldBeNull();
        Check("UpdateEventSourceMapping", """{"FunctionName":"f","FilterCriteria":{"Filters":[{"Pattern":"{}"}]},"MaximumRetryAttempts":-1}""").ShouldBeNull();
        Check("PublishLayerVersion", """{"Content":{"ZipFile":"AA=="},"CompatibleRuntimes":["a-runtime-of-this-server"]}""").ShouldBeNull();
    }

    [Fact]
    public void ALargeZip_IsNotDecoded()
    {
        var body = Encoding.ASCII.GetBytes("{" + Good.Replace("{}", "{\"ZipFile\":\"" + new string('A', 8_000_000) + "\"}", StringComparison.Ordinal) + "}");
        var operation = ServiceModel.Lambda.Operations["CreateFunction"];
        var request = new DefaultHttpContext().Request;
        new RequestValidator(ServiceModel.Lambda).Check(operation, operation.Segments, request, body).ShouldBeNull();
        var before = GC.GetAllocatedBytesForCurrentThread();
        new RequestValidator(ServiceModel.Lambda).Check(operation, operation.Segments, request, body).ShouldBeNull();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    private static string? Check(string name, string body, string query = "", string text = "f")
    {
        var operation = ServiceModel.Lambda.Operations[name];
        var request = new DefaultHttpContext().Request;
        request.QueryString = new(query);
        string[] path = [.. operation.Segments.Select(s => s switch
        {
            "{VersionNumber}" => "1",
            "{Resource}" => "arn:aws:lambda:us-east-1:000000000000:function:f",
            ['{', ..] => text,
            _ => s,
        })];
        return new RequestValidator(ServiceModel.Lambda).Check(operation, path, request, Encoding.UTF8.GetBytes(body))?.Message;
    }
}

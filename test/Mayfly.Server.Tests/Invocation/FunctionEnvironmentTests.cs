using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>What stands in a function's environment, for every runtime that there is.</summary>
public sealed class FunctionEnvironmentTests : IDisposable
{
    private const string Instance = "00112233445566778899aabbccddeeff";
    private readonly TemporaryFolder _folder = new();
    private readonly FunctionEnvironment _environment;
    private readonly RuntimeCatalog _runtimes = new(ShimsArchive.Definitions,
    [
        new Interpreter { Runtime = "python", Version = "3.11", Executable = "/usr/bin/python3.11" },
        new Interpreter { Runtime = "node", Version = "20", Executable = "/usr/bin/node" },
        new Interpreter { Runtime = "dotnet", Version = "10", Executable = "/usr/lib/dotnet/dotnet" },
    ]);

    public FunctionEnvironmentTests()
    {
        var settings = new ServerSettings { StoreFolder = _folder.Path, ShimsFolder = "/", InterpretersFile = "/", Port = 4566 };
        _environment = new(settings, new FunctionCredentials(_folder.Path, TimeProvider.System), new SteppedTime());
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Runtimes => [.. ShimsArchive.Definitions.Where(static definition => !definition.Internal).SelectMany(definition => definition.Names.Keys).Where(static name => name != "http")];

    [Fact]
    public void Image_BringsItsVariables_BelowThoseOfTheFunctionAndOfThePlatform()
    {
        var image = new ImageSettings { Uri = "a", Defaults = new() { Environment = ["PATH=/app", "MODE=image", "OWN=a=b", "AWS_REGION=x", "LAMBDA_TASK_ROOT=/x", "=no", "none"], WorkingDirectory = "/w" } };

        var all = Of(new() { Runtime = ImageSettings.Runtime, Image = image, Environment = ImmutableSortedDictionary<string, string>.Empty.Add("MODE", "function") });

        all["PATH"].ShouldBe("/app");
        all["MODE"].ShouldBe("function");
        all["OWN"].ShouldBe("a=b");
        all["AWS_REGION"].ShouldBe("eu-central-1");
        all["LAMBDA_TASK_ROOT"].ShouldBe("/var/task");
        all["PWD"].ShouldBe("/w");
        all.Keys.ShouldNotContain("_HANDLER");
        all.Keys.ShouldNotContain("AWS_EXECUTION_ENV");
        all.Keys.ShouldNotContain("");
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void EveryRuntime_HasWhatTheContractNames(string runtime)
    {
        var all = Of(new() { Runtime = runtime, Handler = "app.handler", MemoryMb = 256 });

        all["_HANDLER"].ShouldBe("app.handler");
        all["AWS_REGION"].ShouldBe("eu-central-1");
        all["AWS_DEFAULT_REGION"].ShouldBe("eu-central-1");
        all["AWS_LAMBDA_FUNCTION_NAME"].ShouldBe("orders");
        all["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].ShouldBe("256");
        all["AWS_LAMBDA_FUNCTION_VERSION"].ShouldBe("7");
        all["AWS_LAMBDA_INITIALIZATION_TYPE"].ShouldBe("on-demand");
        all["AWS_LAMBDA_LOG_GROUP_NAME"].ShouldBe("/aws/lambda/orders");
        all["AWS_LAMBDA_LOG_STREAM_NAME"].ShouldBe($"2024/01/01/[7]{Instance}");
        all["AWS_LAMBDA_RUNTIME_API"].ShouldBe("127.0.0.1:9001");
        all["AWS_SESSION_TOKEN"].ShouldBe(all["AWS_SECURITY_TOKEN"]);
        all["LAMBDA_TASK_ROOT"].ShouldBe("/var/task");
        all["LAMBDA_RUNTIME_DIR"].ShouldBe("/var/runtime");
        all["TZ"].ShouldBe(":UTC");
        all["LANG"].ShouldBe("en_US.UTF-8");
        all["PATH"].ShouldContain("/usr/local/bin:/usr/bin:/bin:/opt/bin");
        all["LD_LIBRARY_PATH"].ShouldBe("/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib");
        all["AWS_XRAY_CONTEXT_MISSING"].ShouldBe("LOG_ERROR");
        all["AWS_XRAY_DAEMON_ADDRESS"].ShouldBe($"{all["_AWS_XRAY_DAEMON_ADDRESS"]}:{all["_AWS_XRAY_DAEMON_PORT"]}");
        all["AWS_ENDPOINT_URL"].ShouldBe("http://127.0.0.1:4566");
        var isManaged = !runtime.StartsWith("provided", StringComparison.Ordinal) && !runtime.StartsWith("go", StringComparison.Ordinal);
        all.GetValueOrDefault("AWS_EXECUTION_ENV").ShouldBe(isManaged ? "AWS_Lambda_" + runtime : null);
        all.Keys.ShouldNotContain("AWS_LAMBDA_LOG_FORMAT");
        all.Keys.ShouldNotContain("AWS_LAMBDA_MAX_CONCURRENCY");
        all.Values.ShouldAllBe(value => !value.Contains('{'), "placeholders are filled in");
    }

    [Fact]
    public void PathOfModules_NamesTheDeclaredVersion() =>
        Of(new() { Runtime = "nodejs18.x" })["NODE_PATH"].ShouldStartWith("/opt/nodejs/node18/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules");

    [Theory]
    [InlineData("https://sqs.eu-west-1.amazonaws.com/000000000000/jobs.fifo", "http://127.0.0.1:1/000000000000/jobs.fifo")]
    [InlineData("https://sqs.eu-west-1.amazonaws.com/000000000000/jobs?x=y", "https://sqs.eu-west-1.amazonaws.com/000000000000/jobs?x=y")]
    [InlineData("https://sqs.eu-west-1.amazonaws.com.example.org/000000000000/jobs", "https://sqs.eu-west-1.amazonaws.com.example.org/000000000000/jobs")]
    public void QueuesOfAws_AreWhereTheFunctionsOtherCallsGo(string given, string expected)
    {
        var own = ImmutableSortedDictionary<string, string>.Empty.Add("QUEUE", given).Add("AWS_ENDPOINT_URL", "http://127.0.0.1:1/");

        Of(new() { Runtime = "python3.11", Environment = own })["QUEUE"].ShouldBe(expected);
    }

    [Fact]
    public void Logging_IsToldTheProgram()
    {
        var all = Of(new() { Runtime = "python3.11", Logging = new() { Format = "JSON", ApplicationLevel = "DEBUG", Group = "/my/group" } });
        (all["AWS_LAMBDA_LOG_FORMAT"], all["AWS_LAMBDA_LOG_LEVEL"], all["AWS_LAMBDA_LOG_GROUP_NAME"]).ShouldBe(("JSON", "DEBUG", "/my/group"));
    }

    [Fact]
    public void Variables_OfTheUser_OverrideWhatIsNotReserved()
    {
        const string names = "TZ LANG PATH LD_LIBRARY_PATH PYTHONPATH AWS_ENDPOINT_URL AWS_XRAY_DAEMON_ADDRESS AWS_EXECUTION_ENV AWS_ACCESS_KEY_ID AWS_REGION "
            + "_HANDLER LAMBDA_TASK_ROOT AWS_LAMBDA_FUNCTION_NAME AWS_SESSION_TOKEN";
        var own = names.Split(' ').ToImmutableSortedDictionary(static name => name, static _ => "mine", StringComparer.Ordinal);
        var all = Of(new() { Runtime = "python3.11", Environment = own });
        all.Where(variable => variable.Value == "mine").Select(variable => variable.Key).Order(StringComparer.Ordinal)
            .ShouldBe(["AWS_ENDPOINT_URL", "AWS_XRAY_DAEMON_ADDRESS", "LANG", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TZ"]);
    }

    [Theory]
    [InlineData("python3.12", "python:3.12.v1")]
    [InlineData("nodejs20.x", "nodejs:20.v1")]
    [InlineData("dotnet8", "dotnet:8.v1")]
    [InlineData("dotnetcore3.1", "dotnetcore:3.1.v1")]
    [InlineData("provided.al2023", "provided:al2023.v1")]
    [InlineData("python", "python:3.11.v1")]
    public void RuntimeVersion_IsNamedAsInLogs(string runtime, string expected)
    {
        _runtimes.TryPlan(new() { Runtime = runtime }, out var plan, out _).ShouldBeTrue();
        plan!.RuntimeVersion.ShouldBe(expected);
    }

    [Fact]
    public void Wrapper_IsOnlyForRuntimesThatHaveOne()
    {
        var own = ImmutableSortedDictionary<string, string>.Empty.Add("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper");
        foreach (var (runtime, wraps) in new[] { ("python3.11", true), ("nodejs20.x", true), ("dotnet10", true), ("provided.al2023", false) })
        {
            var config = new FunctionConfig { Runtime = runtime, Handler = "a::b::c", Environment = own };
            _runtimes.TryPlan(config, out var plan, out _).ShouldBeTrue();
            LaunchCommand.Of(plan!, config).TakeLast(plan!.Command.Length).ShouldBe(plan.Command);
            (LaunchCommand.Of(plan, config).Count > plan.Command.Length).ShouldBe(wraps, runtime);
        }
    }

    private IReadOnlyDictionary<string, string> Of(FunctionConfig config)
    {
        _runtimes.TryPlan(config, out var plan, out var missing).ShouldBeTrue(missing);
        var revision = new Revision
        {
            Id = "1",
            Function = new("123456789012", "eu-central-1", "orders"),
            Version = "7",
            Config = config,
            Code = new CodePackage("", 0),
            LastModified = DateTimeOffset.UnixEpoch,
        };
        return _environment.For(revision, plan!, Instance, "127.0.0.1:9001", 0);
    }
}

using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Mayfly.Building;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;
using Mayfly.Server.Tests.Shims;

namespace Mayfly.Server.Tests.Building;

public sealed class CodeBuilderTests
{
    private static readonly string Samples = FindSamples();

    private static FunctionDefinition Function(string folder, string runtime, string handler) => new()
    {
        Key = "f",
        Name = "f",
        CodeFolder = folder,
        Config = new FunctionConfig { Runtime = runtime, Handler = handler },
    };

    private static RuntimeDefinition Shell(string script, string tool = "sh") => new()
    {
        Title = "Shell",
        Names = ImmutableDictionary<string, string>.Empty.Add("shell", ""),
        Contract = RuntimeContract.Frame,
        Command = ["x"],
        Build = [new BuildStep { Name = "make", When = ["*.in"], Tool = tool, Package = "make-it", Command = [tool, "-c", script], Inputs = ["*.in"] }],
    };

    private static async Task<BuildOutcome> BuildAsync(FunctionDefinition function, RuntimeDefinition runtime, string staging, List<string>? lines = null) =>
        await new CodeBuilder(await Machine.Catalog).BuildAsync(function, runtime, staging, line => lines?.Add(line), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Unchanged_inputs_run_nothing_and_changed_ones_do()
    {
        using var code = new CodeFolder(("a.in", "1"), ("other", "x"));
        using var staging = new CodeFolder();
        var runtime = Shell("cat a.in > {output}/made; echo built");
        var lines = new List<string>();
        var first = await BuildAsync(Function(code.Root, "shell", ""), runtime, staging.Root, lines);
        first.Built.ShouldBeTrue();
        lines.ShouldBe(["built"]);
        first.Layers.ShouldBe([new PackageLayer(staging.Root + "/0/output", false)]);
        code.Write("other", "y");
        var second = await BuildAsync(Function(code.Root, "shell", ""), runtime, staging.Root);
        second.Built.ShouldBeFalse();
        second.Layers.ShouldBe(first.Layers);
        code.Write("a.in", "2");
        (await BuildAsync(Function(code.Root, "shell", ""), runtime, staging.Root)).Built.ShouldBeTrue();
        File.ReadAllText(staging.Root + "/0/output/made").ShouldBe("2");
    }

    [Fact]
    public async Task A_failure_says_what_ran_and_is_tried_again()
    {
        using var code = new CodeFolder(("a.in", "1"));
        using var staging = new CodeFolder();
        for (var i = 0; i < 2; i++)
        {
            var outcome = await BuildAsync(Function(code.Root, "shell", ""), Shell("echo out; echo broken >&2; exit 3"), staging.Root);
            outcome.Succeeded.ShouldBeFalse();
            outcome.Failure!.ExitCode.ShouldBe(3);
            outcome.Failure.Command.ShouldStartWith("sh -c echo out");
            outcome.Failure.Output.Order().ShouldBe(["broken", "out"]);
        }
    }

    [Fact]
    public async Task A_missing_tool_names_its_package_and_a_folder_without_the_file_needs_none()
    {
        using var code = new CodeFolder(("a.in", "1"));
        using var staging = new CodeFolder();
        var runtime = Shell("true", "no-such-tool");
        (await BuildAsync(Function(code.Root, "shell", ""), runtime, staging.Root)).Missing.ShouldBe(new MissingTool("no-such-tool", "make-it"));
        File.Delete(code.Root + "/a.in");
        (await BuildAsync(Function(code.Root, "shell", ""), runtime, staging.Root)).Layers.ShouldBe([new PackageLayer(code.Root, true)]);
    }

    [Fact]
    public async Task Python_requirements_are_packed_beside_the_code()
    {
        using var code = new CodeFolder(("app.py", "import tiny\ndef handle(e, c): return tiny.value\n"), ("requirements.txt", "--no-index\n--find-links ./wheels\ntiny==1.0\n"));
        Directory.CreateDirectory(code.Root + "/wheels");
        await using (var wheel = await ZipFile.OpenAsync(code.Root + "/wheels/tiny-1.0-py3-none-any.whl", ZipArchiveMode.Create, TestContext.Current.CancellationToken))
        {
            void Add(string name, string text)
            {
                using var stream = wheel.CreateEntry(name).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }

            Add("tiny/__init__.py", "value = 42\n");
            Add("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n");
            Add("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
            Add("tiny-1.0.dist-info/RECORD", "");
        }

        using var staging = new CodeFolder();
        var catalog = await Machine.Catalog;
        var lines = new List<string>();
        var outcome = await BuildAsync(Function(code.Root, "python", "app.handle"), catalog.Find("python")!, staging.Root, lines);
        Assert.SkipWhen(outcome.Missing is not null, "pip is not installed");
        outcome.Failure?.Output.ShouldBeEmpty();
        var unpacked = await PackAsync(outcome, staging);
        using var shim = ShimProcess.StartReady(catalog, "python", "app.handle", unpacked);
        shim.Invoke("{}").ShouldBe("42");
    }

    [Theory]
    [InlineData("csharp", "Hello World from C#!")]
    [InlineData("csharp-file", "Hello from a single C# file!")]
    public async Task The_samples_in_a_compiled_language_build_and_answer(string sample, string text)
    {
        using var staging = new CodeFolder();
        var catalog = await Machine.Catalog;
        var outcome = await BuildAsync(Function(Path.Combine(Samples, sample), "dotnet10", "Hello::Hello.Function::Handle"), catalog.Find("dotnet10")!, staging.Root);
        outcome.Succeeded.ShouldBeTrue(string.Join('\n', outcome.Failure?.Output ?? []));
        var unpacked = await PackAsync(outcome, staging);
        using var shim = ShimProcess.StartReady(catalog, "dotnet10", "Hello::Hello.Function::Handle", unpacked);
        shim.Invoke("{}").ShouldContain(text);
        Directory.Exists(Path.Combine(Samples, sample, "obj")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_go_sample_builds_to_one_executable()
    {
        using var staging = new CodeFolder();
        var outcome = await BuildAsync(Function(Path.Combine(Samples, "go"), "provided.al2023", "bootstrap"), (await Machine.Catalog).Find("provided.al2023")!, staging.Root);
        Assert.SkipWhen(outcome.Missing is not null, "Go is not installed");
        outcome.Succeeded.ShouldBeTrue(string.Join('\n', outcome.Failure?.Output ?? []));
        var unpacked = await PackAsync(outcome, staging);
        Directory.EnumerateFileSystemEntries(unpacked).Select(Path.GetFileName).ShouldBe(["bootstrap"]);
        File.GetUnixFileMode(unpacked + "/bootstrap").HasFlag(UnixFileMode.OtherExecute).ShouldBeTrue();
    }

    private static async Task<string> PackAsync(BuildOutcome outcome, CodeFolder staging)
    {
        var zip = staging.Root + "/package.zip";
        await PackageWriter.WriteAsync(outcome.Layers, [], zip, TestContext.Current.CancellationToken);
        var target = staging.Root + "/unpacked";
        await ZipFile.ExtractToDirectoryAsync(zip, target, TestContext.Current.CancellationToken);
        return target;
    }

    private static string FindSamples()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mayfly.slnx")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "samples/hello");
    }
}

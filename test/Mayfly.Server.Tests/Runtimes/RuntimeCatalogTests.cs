using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Tests.Runtimes;

public sealed class RuntimeCatalogTests
{
    private static readonly Interpreter Python311 = new() { Runtime = "python", Version = "3.11", Executable = "/home/u/.pyenv/versions/3.11.7/bin/python3.11", Mounts = ["/home/u/.pyenv/versions/3.11.7"] };
    private static readonly Interpreter Python39 = new() { Runtime = "python", Version = "3.9", Executable = "/usr/bin/python3.9" };
    private static readonly Interpreter Python36 = new() { Runtime = "python", Version = "3.6", Executable = "/usr/bin/python3.6" };
    private static readonly Interpreter Node20 = new() { Runtime = "node", Version = "20", Executable = "/usr/bin/node" };
    private static readonly Interpreter DotNet10 = new() { Runtime = "dotnet", Version = "10", Executable = "/usr/share/dotnet/dotnet" };

    private static RuntimeCatalog Catalog(params Interpreter[] interpreters) => new(ShimsArchive.Definitions, interpreters);

    private static LaunchPlan Plan(RuntimeCatalog catalog, string runtime, string handler = "app.handler", string? command = null)
    {
        catalog.TryPlan(new FunctionConfig { Runtime = runtime, Handler = handler, Command = command }, out var plan, out var missing).ShouldBeTrue(missing);
        return plan!;
    }

    private static string Missing(RuntimeCatalog catalog, string runtime)
    {
        catalog.TryPlan(new FunctionConfig { Runtime = runtime, Handler = "app.handler" }, out _, out var missing).ShouldBeFalse();
        return missing!;
    }

    [Fact]
    public void The_named_version_runs_without_a_notice()
    {
        var plan = Plan(Catalog(Python39, Python311), "python3.11");
        plan.Contract.ShouldBe(RuntimeContract.Frame);
        plan.Shim.ShouldBe("python");
        plan.Command.ShouldBe([Python311.Executable, "-s", "/var/runtime/mayfly_shim.py"]);
        plan.Mounts.ShouldBe(Python311.Mounts);
        plan.Notice.ShouldBeNull();
        plan.Environment["AWS_EXECUTION_ENV"].ShouldBe("AWS_Lambda_python3.11");
        plan.Environment["PATH"].ShouldBe("/home/u/.pyenv/versions/3.11.7/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin");
    }

    [Theory]
    [InlineData("python3.13", "3.11")]
    [InlineData("python3.10", "3.11")]
    [InlineData("python3.8", "3.9")]
    [InlineData("python3.6", "3.9")]
    public void A_missing_version_runs_on_the_nearest_with_a_notice(string asked, string used) =>
        Plan(Catalog(Python36, Python39, Python311), asked).Notice.ShouldBe($"{asked} is not installed; running on {used}");

    [Fact]
    public void A_name_without_a_version_runs_on_what_the_path_finds_first()
    {
        Plan(Catalog(Python39, Python311), "python").Command[0].ShouldBe("/usr/bin/python3.9");
        Plan(Catalog(Python39, Python311), "python").Notice.ShouldBeNull();
    }

    [Fact]
    public void What_is_not_installed_names_the_package()
    {
        Missing(Catalog(Node20), "python3.12").ShouldBe("python3.12 needs Python 3.8 or newer, which is not installed; the package python3 brings it");
        Missing(Catalog(Python36), "python3.6").ShouldContain("the package python3 brings it");
        Missing(Catalog(), "nodejs22.x").ShouldContain("the package nodejs brings it");
    }

    [Fact]
    public void An_unknown_name_lists_the_known_ones()
    {
        var catalog = Catalog();
        catalog.Knows("cobol85").ShouldBeFalse();
        Missing(catalog, "cobol85").ShouldContain("python3.9, python3.10");
        catalog.Names.ShouldContain("provided.al2023");
        catalog.Names.ShouldContain("nodejs24.x");
        catalog.Names.ShouldContain("http");
    }

    [Fact]
    public void Custom_runtimes_and_servers_see_every_interpreter_the_preferred_one_first()
    {
        foreach (var plan in new[] { Plan(Catalog(Python39, Python311, Node20), "http", command: "node server.js"), Plan(Catalog(Python39, Python311, Node20), "provided.al2023") })
        {
            plan.Shim.ShouldBeNull();
            plan.Mounts.ShouldBe(Python311.Mounts);
            plan.Environment["PATH"].ShouldBe("/usr/local/bin:/usr/bin:/bin:/opt/bin:/home/u/.pyenv/versions/3.11.7/bin");
        }

        Plan(Catalog(Python311, Python39), "provided").Environment["PATH"].ShouldStartWith("/home/u/.pyenv/versions/3.11.7/bin:");
    }

    [Fact]
    public void A_server_runs_its_command_and_needs_one()
    {
        var plan = Plan(Catalog(), "http", command: "FOO={bar} node server.js");
        plan.Contract.ShouldBe(RuntimeContract.Http);
        plan.Command.ShouldBe(["/bin/sh", "-c", "FOO={bar} node server.js"]);
        Missing(Catalog(), "http").ShouldContain("mayfly.command");
    }

    [Fact]
    public void A_handler_that_is_only_an_assembly_speaks_the_runtime_api()
    {
        Plan(Catalog(DotNet10), "dotnet10", "A::B.C::D").Contract.ShouldBe(RuntimeContract.Frame);
        var plan = Plan(Catalog(DotNet10), "dotnet8", "Tool");
        plan.Contract.ShouldBe(RuntimeContract.RuntimeApi);
        plan.Command.ShouldBe(["/usr/share/dotnet/dotnet", "exec", "/var/task/Tool.dll"]);
        plan.Notice.ShouldBe("dotnet8 is not installed; running on 10");
    }
}

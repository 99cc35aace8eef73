using System.Collections.Immutable;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Tests.Shims;

namespace Mayfly.Server.Tests.Runtimes;

public sealed class InterpreterProbeTests
{
    private static RuntimeDefinition Definition(string folders) => new()
    {
        Name = "lang",
        Title = "Lang",
        Names = ImmutableDictionary<string, string>.Empty.Add("lang1", "1"),
        Contract = RuntimeContract.Frame,
        Command = ["{interpreter}"],
        Interpreter = new InterpreterSearch
        {
            Program = "^lang-for-tests\\d*$",
            Folders = [folders],
            Arguments = ["describe"],
            Output = "^(?<version>\\d+)\\|(?<executable>[^|]+)\\|(?<prefix>[^|]+)$",
            Package = "lang",
        },
    };

    private static void Program(CodeFolder folder, string name, string script)
    {
        folder.Write(name, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(Path.Combine(folder.Root, name), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Wrappers_are_resolved_once_and_only_changes_are_asked_again()
    {
        using var folder = new CodeFolder();
        Program(folder, "v1/bin/lang-for-tests", $"echo '1|{folder.Root}/v1/bin/lang-for-tests|{folder.Root}/v1'");
        Program(folder, "v2/bin/lang-for-tests", $"echo '1|{folder.Root}/v1/bin/lang-for-tests|{folder.Root}/v1'");
        Program(folder, "v3/bin/lang-for-tests", "exit 1");
        File.CreateSymbolicLink(Path.Combine(folder.Root, "v1/bin/lang-for-tests1"), "lang-for-tests");
        var definition = Definition(folder.Root + "/*/bin");
        var cache = Path.Combine(folder.Root, "probes.json");

        var probe = new InterpreterProbe(cache);
        var found = await probe.FindAsync([definition], TestContext.Current.CancellationToken);
        found.ShouldHaveSingleItem().Executable.ShouldBe(folder.Root + "/v1/bin/lang-for-tests");
        found[0].Mounts.ShouldBe([folder.Root + "/v1"]);
        probe.Asked.ShouldBeGreaterThan(0);

        var again = new InterpreterProbe(cache);
        (await again.FindAsync([definition], TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        again.Asked.ShouldBe(0);

        Program(folder, "v3/bin/lang-for-tests", $"echo '3|{folder.Root}/v3/bin/lang-for-tests|{folder.Root}/v3'");
        var third = new InterpreterProbe(cache);
        (await third.FindAsync([definition], TestContext.Current.CancellationToken)).Select(i => i.Version).ShouldBe(["3", "1"]);
        third.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_home_folder_is_never_a_mount()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        using var folder = new CodeFolder();
        Program(folder, "bin/lang-for-tests", $"echo '1|{folder.Root}/bin/lang-for-tests|{home}'");
        var found = await new InterpreterProbe(Path.Combine(folder.Root, "p.json")).FindAsync([Definition(folder.Root + "/bin")], TestContext.Current.CancellationToken);
        found.ShouldHaveSingleItem().Mounts.ShouldBe([folder.Root + "/bin"]);
    }

    [Fact]
    public async Task The_list_survives_its_file()
    {
        using var folder = new CodeFolder();
        var file = Path.Combine(folder.Root, "interpreters.json");
        InterpreterProbe.Write(file, [new Interpreter { Runtime = "a", Version = "1", Executable = "/x" }]);
        InterpreterProbe.Read(file).ShouldHaveSingleItem().Mounts.ShouldBeEmpty();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task On_this_machine_no_script_is_taken_for_an_interpreter()
    {
        foreach (var definition in (await Machine.Catalog).Definitions.Where(d => d.Interpreter is not null))
        {
            foreach (var name in definition.Names.Keys)
            {
                if ((await Machine.Catalog).InterpreterOf(name) is { } interpreter)
                {
                    using var file = File.OpenRead(interpreter.Executable);
                    (file.ReadByte(), file.ReadByte()).ShouldBe((0x7F, (int)'E'), interpreter.Executable);
                }
            }
        }
    }
}

using System.Security.Cryptography;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Scaling;
using Mayfly.Server.Tests.Sandboxes;

namespace Mayfly.Server.Tests.Shims;

/// <summary>A real sandboxd with the real shims, which parks stems of each runtime that the tests use.</summary>
public sealed class StemFixture : SandboxFixture
{
    protected override StemPolicy Stems => new(1L << 30, 1);

    public override async ValueTask InitializeAsync()
    {
        ShimsArchive.UnpackTo(Path.Combine(State, "prepared", "shims"));
        await base.InitializeAsync();
    }

    /// <summary>Starts a function: as its own program, or of a stem that is parked.</summary>
    internal async Task<SandboxedShim> StartAsync(bool ofStem, string runtime, string handler, string folder, params (string Key, string Value)[] environment)
    {
        (await Machine.Catalog).TryPlan(new FunctionConfig { Runtime = runtime, Handler = handler }, out var plan, out var missing).ShouldBeTrue(missing);
        Assert.SkipUnless(plan!.Mounts.IsEmpty, "the interpreter lies outside /usr");
        var order = plan.Stem.ShouldNotBeNull().Order;
        if (ofStem)
        {
            NeedsWalls();
            Client.Stems.Expect([.. Client.Stems.Counts.Select(count => order with { Name = count.Name }).Where(other => other.Name == order.Name), order]);
            await ParkedAsync(order.Name);
        }

        var spec = Run([.. plan.Command]) with
        {
            CodeSha256 = Store(folder),
            Shim = plan.Shim,
            Environment = ShimProcess.FunctionVariables(plan with { Shim = "/var/runtime" }, handler, "/var/task", [("TMPDIR", "/tmp"), ("LANG", "en_US.UTF-8"), ("PWD", "/var/task"), .. environment]),
            Channel = true,
            Stem = ofStem ? order.Name : null,
        };
        var sandbox = await Client.StartAsync(spec, TestContext.Current.CancellationToken);
        sandbox.Steps.Origin.ShouldBe(ofStem ? SandboxOrigin.Stem : SandboxOrigin.Exec);
        return new(sandbox);
    }

    private async Task ParkedAsync(string name)
    {
        for (var deadline = Environment.TickCount64 + 60_000; Environment.TickCount64 < deadline; await Task.Delay(20))
        {
            if (Client.Stems.Counts.FirstOrDefault(count => count.Name == name) is { Parked: > 0 })
            {
                return;
            }
        }

        throw new TimeoutException("no stem of " + name + ": " + string.Join("; ", Client.Stems.Counts));
    }

    /// <summary>Puts code where sandboxd looks for it.</summary>
    private string Store(string folder)
    {
        var hash = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var target = Directory.CreateDirectory(Path.Combine(State, "store", "code", hash)).FullName;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return hash;
    }
}

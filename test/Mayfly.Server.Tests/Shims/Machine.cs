using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Tests.Shims;

/// <summary>The interpreters of the machine that the tests run on, probed once.</summary>
internal static class Machine
{
    private static readonly Lazy<Task<RuntimeCatalog>> Probed = new(async () =>
    {
        var probe = new InterpreterProbe(Path.Combine(AppContext.BaseDirectory, "probes.json"));
        return new RuntimeCatalog(ShimsArchive.Definitions, await probe.FindAsync(ShimsArchive.Definitions, TestContext.Current.CancellationToken));
    });

    public static Task<RuntimeCatalog> Catalog => Probed.Value;
}

using Mayfly.Server.Runtimes;
using Mayfly.Server.Tests.Shims;

namespace Mayfly.Server.Tests.Runtimes;

public sealed class ShimsArchiveTests
{
    [Fact]
    public void Unpacking_is_complete_readable_by_all_and_repairs_itself()
    {
        using var folder = new CodeFolder(("old/stray.txt", "from an older version"));
        ShimsArchive.UnpackTo(folder.Root);
        foreach (var name in new[] { "python/mayfly_shim.py", "node/mayfly-shim.cjs", "dotnet/mayfly-shim.dll", "dotnet/mayfly-shim.runtimeconfig.json", "http/runtime.json" })
        {
            var file = Path.Combine(folder.Root, name);
            File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead).ShouldBeTrue(name);
            File.GetUnixFileMode(Path.GetDirectoryName(file)!).HasFlag(UnixFileMode.OtherRead | UnixFileMode.OtherExecute).ShouldBeTrue(name);
        }

        File.Exists(Path.Combine(folder.Root, "old/stray.txt")).ShouldBeFalse();
        var shim = Path.Combine(folder.Root, "python/mayfly_shim.py");
        var written = File.GetLastWriteTimeUtc(shim);
        ShimsArchive.UnpackTo(folder.Root);
        File.GetLastWriteTimeUtc(shim).ShouldBe(written);

        File.Delete(shim);
        ShimsArchive.UnpackTo(folder.Root);
        File.Exists(shim).ShouldBeTrue();
    }
}

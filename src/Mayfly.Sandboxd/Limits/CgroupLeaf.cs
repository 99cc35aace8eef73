using System.Globalization;
using System.Text;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Limits;

/// <summary>The control group of one sandbox: one folder on version 2, one per controller on version 1.</summary>
internal sealed class CgroupLeaf(CgroupPlace place, IReadOnlyList<string> folders)
{
    /// <summary>The span over which cpu time is counted, in microseconds.</summary>
    internal const long CpuPeriod = 100_000;

    /// <summary>Where the folder of version 1's freezer stands, if there is one: behind the three controllers that limit.</summary>
    private const int FreezerFolder = 3;

    private long _memoryBytes;
    private double _settledCores;

    private bool IsV1 => place.Version == CgroupVersion.V1;

    private string Memory => folders[0];

    /// <summary>The file that stops and resumes all processes in it; not there on kernels without one.</summary>
    private string? FreezeFile => !IsV1 ? Path.Combine(folders[0], "cgroup.freeze")
        : folders.Count > FreezerFolder ? Path.Combine(folders[FreezerFolder], "freezer.state")
        : null;

    /// <summary>The file whose first number is the highest memory use so far.</summary>
    internal string PeakFile => Path.Combine(Memory, IsV1 ? "memory.max_usage_in_bytes" : File.Exists(Path.Combine(Memory, "memory.peak")) ? "memory.peak" : "memory.current");

    /// <summary>Whether the kernel has killed anything in it for want of memory.</summary>
    internal bool OutOfMemory => ReadCount(IsV1 ? "memory.oom_control" : "memory.events", "oom_kill") > 0;

    /// <summary>The highest memory use so far, in bytes.</summary>
    internal long PeakBytes => long.TryParse(TryRead(PeakFile).Trim(), CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;

    /// <summary>Makes the folders and writes the limits.</summary>
    internal void Make(long memoryBytes, double cores, int processes)
    {
        (_memoryBytes, _settledCores) = (memoryBytes, cores);
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(folder);
        }

        if (IsV1)
        {
            Write(0, "memory.limit_in_bytes", memoryBytes);
            TryWrite(0, "memory.memsw.limit_in_bytes", memoryBytes);
            Write(1, "pids.max", processes);
            Write(2, "cpu.cfs_period_us", CpuPeriod);
            WriteCores(Math.Max(cores, 1));
            return;
        }

        Write(0, "memory.max", memoryBytes);
        TryWrite(0, "memory.swap.max", 0);
        TryWrite(0, "memory.oom.group", 1);
        Write(0, "pids.max", processes);
        WriteCores(Math.Max(cores, 1));
    }

    /// <summary>Gives it other limits of memory and cpu time.</summary>
    internal void Resize(long memoryBytes, double cores)
    {
        _settledCores = cores;
        if (cores > 1)
        {
            WriteCores(cores);
        }

        if (!IsV1)
        {
            Write(0, "memory.max", memoryBytes);
            return;
        }

        // The limit with swap is never the smaller one.
        if (memoryBytes > _memoryBytes)
        {
            TryWrite(0, "memory.memsw.limit_in_bytes", memoryBytes);
            Write(0, "memory.limit_in_bytes", memoryBytes);
        }
        else if (memoryBytes < _memoryBytes)
        {
            Write(0, "memory.limit_in_bytes", memoryBytes);
            TryWrite(0, "memory.memsw.limit_in_bytes", memoryBytes);
        }

        _memoryBytes = memoryBytes;
    }

    /// <summary>Ends the boost of the start: from now on cpu time follows memory.</summary>
    internal void SettleCpu()
    {
        try
        {
            if (_settledCores < 1)
            {
                WriteCores(_settledCores);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The sandbox has just ended.
        }
    }

    /// <summary>The files that a process writes <c>0</c> into to join by itself.</summary>
    internal IEnumerable<string> JoinFiles => folders.Select(f => Path.Combine(f, "cgroup.procs"));

    /// <summary>Puts a process into it, which must not have allocated or forked yet.</summary>
    internal void Join(int pid)
    {
        foreach (var file in JoinFiles)
        {
            File.WriteAllText(file, pid.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// Opens what a process needs that forks children into it. None waits for the kernel as <see cref="Join"/> does: on version 2 a child is born in
    /// the folder, on version 1 it writes <c>0</c> into files that move one thread, which it still is.
    /// </summary>
    internal IReadOnlyList<(string Name, SafeFileHandle Handle)> OpenForForks() => IsV1
        ? [.. folders.Select(static f => ("join", File.OpenHandle(Path.Combine(f, "tasks"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)))]
        : [("group", LibC.OpenFolderNoFollow(null, Memory))];

    /// <summary>Opens the peak of memory for reading, to be passed to the server.</summary>
    internal SafeFileHandle OpenPeak() => File.OpenHandle(PeakFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>Opens what stops and resumes its processes, to be passed to the server; <see langword="null"/> where there is none.</summary>
    internal (PassedDescriptor Kind, SafeFileHandle Handle)? OpenFreezer() => FreezeFile is { } file && File.Exists(file)
        ? (IsV1 ? PassedDescriptor.FreezerState : PassedDescriptor.CgroupFreeze, File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        : null;

    /// <summary>Lets frozen processes run on where they could not die otherwise: version 1 keeps even killed ones frozen.</summary>
    internal void Thaw()
    {
        if (IsV1 && folders.Count > FreezerFolder)
        {
            TryWrite(FreezerFolder, "freezer.state", "THAWED");
        }
    }

    /// <summary>Kills all that is in it at once, where the kernel can (version 2 since Linux 5.14).</summary>
    internal void Kill()
    {
        Thaw();

        // Dying takes processor time too: a thousand throttled processes would need minutes for it.
        TryWrite(IsV1 ? 2 : 0, IsV1 ? "cpu.cfs_quota_us" : "cpu.max", IsV1 ? "-1" : "max");
        if (!IsV1 && File.Exists(Path.Combine(folders[0], "cgroup.kill")))
        {
            TryWrite(0, "cgroup.kill", 1);
        }
    }

    /// <summary>Kills each process in it: what a pid namespace of its own does for others.</summary>
    internal void KillMembers() => KillMembers(Memory);

    /// <summary>Kills each process in a group, if there is one.</summary>
    internal static void KillMembers(string folder)
    {
        foreach (var line in TryRead(Path.Combine(folder, "cgroup.procs")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var pid) && pid > 1)
            {
                LibC.Kill(pid, LibC.SigKill);
            }
        }
    }

    /// <summary>Removes it; <see langword="false"/> while a process is still on its way out.</summary>
    internal bool Remove()
    {
        var all = true;
        foreach (var folder in folders)
        {
            try
            {
                if (Directory.Exists(folder))
                {
                    place.Remove(folder);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                all = false;
            }
        }

        return all;
    }

    private void Write(int folder, string file, long value) => Write(folder, file, value.ToString(CultureInfo.InvariantCulture));

    // No writer of texts: a start waits for half a dozen of these.
    private void Write(int folder, string file, string value)
    {
        using var handle = File.OpenHandle(Path.Combine(folders[folder], file), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(value), 0);
    }

    private void WriteCores(double cores)
    {
        var quota = (long)(cores * CpuPeriod);
        if (IsV1)
        {
            Write(2, "cpu.cfs_quota_us", quota);
            return;
        }

        Write(0, "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {CpuPeriod}"));
    }

    private void TryWrite(int folder, string file, long value) => TryWrite(folder, file, value.ToString(CultureInfo.InvariantCulture));

    private void TryWrite(int folder, string file, string value)
    {
        try
        {
            Write(folder, file, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Kernels without swap accounting or grouped kills lack the file.
        }
    }

    private long ReadCount(string file, string name)
    {
        foreach (var line in TryRead(Path.Combine(Memory, file)).Split('\n'))
        {
            var parts = line.Split(' ');
            if (parts.Length == 2 && parts[0] == name && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var count))
            {
                return count;
            }
        }

        return 0;
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

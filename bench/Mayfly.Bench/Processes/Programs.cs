using System.Net;
using System.Net.Sockets;

namespace Mayfly.Bench.Processes;

/// <summary>Finds programs and ports.</summary>
internal static class Programs
{
    private static string[] Folders => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The file of a program on the path; <see langword="null"/> when it is not installed.</summary>
    public static string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The files of a program on the path and in the usual folders, where links lead to; scripts are left out.</summary>
    public static IEnumerable<string> FindAll(string name) =>
        Folders.Concat(["/usr/bin", "/usr/local/bin"]).Where(Directory.Exists)
            .Select(static folder => new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder)
            .Select(folder => new FileInfo(Path.Combine(folder, name))).Where(static file => file.Exists)
            .Select(static file => file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName)
            .Where(static file => !IsScript(file)).Distinct(StringComparer.Ordinal);

    private static bool IsScript(string file)
    {
        using var stream = File.OpenRead(file);
        return stream.ReadByte() == '#' && stream.ReadByte() == '!';
    }

    /// <summary>A TCP port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The kernel's view of an acknowledgement: the row is written, the file is synced, then 202 is sent.</summary>
public sealed partial class SyncTests
{
    private const int Clients = 6;
    private const int Each = 8;
    private const string Calls = "trace=recvmsg,recvfrom,read,readv,sendmsg,sendto,write,writev,pwrite64,pwritev,fdatasync,fsync";

    [Fact]
    public async Task EachAcknowledgement_FollowsTheSyncThatCoversItsRow()
    {
        Strace.Need();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await LambdaApi.CreateAsync(server, "sink", "python3.11", "app.handler", Zip.Of(("app.py", "def handler(event, context):\n    pass\n")));

        var trace = folder["trace"];
        await using (await Strace.AttachAsync(ProcessTable.Role(server.Command.Id, "server").Id, "-o", trace, "-s", "6000", "-e", Calls))
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => SendAsync(server, client)));
        }

        var lines = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        for (var client = 0; client < Clients; client++)
        {
            for (var n = 0; n < Each; n++)
            {
                FindDisorder(lines, IdOf(client, n)).ShouldBeNull(IdOf(client, n));
            }
        }
    }

    // What is wrong with the order of an event's calls; null when nothing is.
    private static string? FindDisorder(string[] lines, string id)
    {
        var came = Array.FindIndex(lines, line => line.Contains(id, StringComparison.Ordinal) && Receive().IsMatch(line));
        var wrote = Array.FindIndex(lines, line => line.Contains(id, StringComparison.Ordinal) && Write().IsMatch(line));
        if (came < 0 || wrote < came)
        {
            return $"came with call {came}, was written with {wrote}";
        }

        var (file, connection) = (Write().Match(lines[wrote]).Groups["file"].Value, ConnectionOf(lines, came));
        var synced = EndOfSync(lines, file, wrote);
        var answered = Array.FindIndex(lines, came, line => Send().Match(line) is { Success: true } send && send.Groups["file"].Value == connection && line.Contains("202 Accepted", StringComparison.Ordinal));
        return synced > wrote && answered > synced ? null : $"written with call {wrote}, synced with {synced}, acknowledged with {answered}";
    }

    // A call that other threads' calls came between is in two lines: what it was asked, and what it gave.
    private static string ConnectionOf(string[] lines, int came)
    {
        var match = Receive().Match(lines[came]);
        if (match.Groups["file"].Success)
        {
            return match.Groups["file"].Value;
        }

        var begun = Array.FindLastIndex(lines, came, line => line.StartsWith(match.Groups["thread"].Value + " ", StringComparison.Ordinal) && line.Contains("<unfinished", StringComparison.Ordinal));
        return Begun().Match(lines[begun]).Groups["file"].Value;
    }

    private static int EndOfSync(string[] lines, string file, int after)
    {
        for (var i = after + 1; i < lines.Length; i++)
        {
            if (Sync().Match(lines[i]) is { Success: true } sync && sync.Groups["file"].Value == file)
            {
                return lines[i].EndsWith("= 0", StringComparison.Ordinal)
                    ? i
                    : Array.FindIndex(lines, i, line => line.StartsWith(sync.Groups["thread"].Value + " ", StringComparison.Ordinal) && SyncEnd().IsMatch(line));
            }
        }

        return -1;
    }

    private static string IdOf(int client, int n) => string.Create(CultureInfo.InvariantCulture, $"covered-{client}-{n}-");

    private static async Task SendAsync(MayflyServer server, int client)
    {
        for (var n = 0; n < Each; n++)
        {
            await LambdaApi.SendAsync(server, "sink", new JsonObject { ["id"] = IdOf(client, n) }.ToJsonString());
        }
    }

    [GeneratedRegex(@"^(?<thread>\d+) +((recvmsg|recvfrom|read|readv)\((?<file>\d+)|<\.\.\. (recvmsg|recvfrom|read|readv) resumed>)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Receive();

    [GeneratedRegex(@"^(?<thread>\d+) +\w+\((?<file>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Begun();

    [GeneratedRegex(@"^(?<thread>\d+) +(pwrite64|pwritev)\((?<file>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Write();

    [GeneratedRegex(@"^(?<thread>\d+) +(fdatasync|fsync)\((?<file>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sync();

    [GeneratedRegex(@"<\.\.\. (fdatasync|fsync) resumed>\) += 0$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SyncEnd();

    [GeneratedRegex(@"^(?<thread>\d+) +(sendmsg|sendto|write|writev)\((?<file>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Send();
}

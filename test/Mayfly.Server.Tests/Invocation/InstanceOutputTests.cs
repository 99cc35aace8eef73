using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Mayfly.Server.Invocation;
using Mayfly.Server.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>What a function prints, through a real pipe.</summary>
public sealed partial class InstanceOutputTests : IAsyncDisposable
{
    private const int NonBlockingCloseOnExec = 2048 | 0x80000;
    private const string StartLine = "START RequestId: 1 Version: $LATEST";

    private static readonly PlatformStart Start = new(DateTimeOffset.UnixEpoch, "1", "arn", "$LATEST", null);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mayfly-output-");
    private readonly FunctionLogs _logs;
    private readonly InstanceOutput _output;
    private readonly FileStream _program;

    public InstanceOutputTests()
    {
        _logs = new(_folder.FullName, NullLogger<FunctionLogs>.Instance);
        var ends = new int[2];
        Pipe2(ends, NonBlockingCloseOnExec).ShouldBe(0);
        _output = new(new SafeFileHandle(ends[0], true), new("000000000000", "us-east-1", "talker"), "instance", _logs, TimeProvider.System);
        _program = new(new SafeFileHandle(ends[1], true), FileAccess.Write, 0);
    }

    [Fact]
    public void Tail_HoldsWhatWasPrintedBeforeItIsAsked_InOrder()
    {
        _output.Begin(Start);
        Print("one\ntwo");
        _output.Write("END");

        Encoding.UTF8.GetString(_output.Tail()).ShouldBe(StartLine + "\none\ntwo\nEND\n");
    }

    [Fact]
    public void Tail_IsTheLastFourKibibytes()
    {
        _output.Begin(Start);
        for (var i = 0; i < 1000; i++)
        {
            Print($"line {i:0000}\n");
            _output.PumpOnce();
        }

        _output.Drain();
        var tail = Encoding.UTF8.GetString(_output.Tail());
        tail.Length.ShouldBe(4096);
        tail.ShouldEndWith("line 0998\nline 0999\n");
    }

    [Fact]
    public void Begin_ForgetsTheInvocationBefore()
    {
        Print("before\n");
        _output.Begin(Start);
        Print("after\n");
        _output.Drain();

        Encoding.UTF8.GetString(_output.Tail()).ShouldBe(StartLine + "\nafter\n");
    }

    [Fact]
    public async Task Lines_AreCutAtLineBreaks_AndTheLastOneNeedsNone()
    {
        Print("first\r\nsecond half");
        _output.PumpOnce();
        Print(" and rest\nunfinished");
        await _program.DisposeAsync();
        _output.PumpOnce();
        _output.Close();

        var lines = new List<string>();
        await foreach (var line in _logs.ReadAsync(new() { Functions = ["talker"] }, TestContext.Current.CancellationToken))
        {
            lines.Add(line.Text);
        }

        lines.ShouldBe(["first", "second half and rest", "unfinished"]);
        _output.Ended.ShouldBeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        await _logs.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Print(string text) => _program.Write(Encoding.UTF8.GetBytes(text));

    [LibraryImport("libc", EntryPoint = "pipe2")]
    private static partial int Pipe2([Out] int[] ends, int flags);
}

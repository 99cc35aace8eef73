using System.Text;
using Mayfly.Fuzz.Serving;

namespace Mayfly.Fuzz.Targets;

/// <summary>What a program in a sandbox sends over the frame channel, while an invocation waits for it.</summary>
internal sealed class FramesTarget : IFuzzTarget
{
    private static readonly byte[] Cut = "\n---\n"u8.ToArray();
    private FuzzServer? _server;
    private byte[] _input = [];

    public string Name => "frames";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        Cut, FrameProgram.Frame(16, 0, []), FrameProgram.Frame(17, 0, "{}"u8.ToArray()), FrameProgram.Frame(18, 1, "{}"u8.ToArray()), FrameProgram.Frame(19, 1, "{\"errorType\":\"t\"}"u8.ToArray()),
        FrameProgram.Frame(20, 1, "application/json"u8.ToArray()), FrameProgram.Frame(21, 1, "chunk"u8.ToArray()), FrameProgram.Frame(22, 1, []), FrameProgram.Frame(22, 1, "{}"u8.ToArray()),
    ];

    public async Task StartAsync()
    {
        _server = await FuzzServer.StartAsync();
        _server.Sandboxd.Program = (_, channel, stop) => FrameProgram.PlayAsync(_input, channel!, stop);
    }

    public async Task<string> RunAsync(byte[] input)
    {
        _input = input;
        return await _server!.InvokeAsync("frames");
    }

    public byte[] Shape(byte[] input, Random random)
    {
        // A fresh conversation of whole frames, most often beginning as it should.
        var made = new List<byte>(random.Next(4) == 0 ? [] : [.. Tokens[1], .. Cut]);
        for (var frames = random.Next(1, 6); frames > 0; frames--)
        {
            var payload = random.Next(3) == 0 ? Encoding.ASCII.GetBytes(new string('x', random.Next(4000))) : input[..Math.Min(input.Length, random.Next(64))];
            made.AddRange(FrameProgram.Frame((byte)random.Next(15, 25), random.Next(3), payload));
            if (random.Next(2) == 0)
            {
                made.AddRange(Cut);
            }
        }

        return [.. made];
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}

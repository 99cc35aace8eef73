namespace Mayfly.Shims.DotNet;

/// <summary>One invocation on its way from its frame to its answer, beside others.</summary>
internal sealed class Answering(FrameChannel channel, Handler handler, int slot, byte[] payload) : IThreadPoolWorkItem
{
    private const string TraceVariable = "_X_AMZN_TRACE_ID";

    /// <inheritdoc/>
    public void Execute() => _ = AnswerAsync(channel, handler, slot, new Invocation(payload));

    /// <summary>Answers the only invocation there is, and returns when it is answered.</summary>
    public static void AnswerAlone(FrameChannel channel, Handler handler, int slot, byte[] payload)
    {
        // The variable is one a process: with several slots it could only be wrong.
        var invocation = new Invocation(payload);
        Environment.SetEnvironmentVariable(TraceVariable, invocation.TraceId.Length == 0 ? null : invocation.TraceId);
        AnswerAsync(channel, handler, slot, invocation).GetAwaiter().GetResult();
    }

    /// <summary>Prints an exception.</summary>
    public static void Report(Exception e) => Console.Error.WriteLine(e.ToString());

    private static async Task AnswerAsync(FrameChannel channel, Handler handler, int slot, Invocation invocation)
    {
        LogWriter.Current.Value = invocation;
        FrameType type;
        ReadOnlyMemory<byte> answer;
        try
        {
            (type, answer) = (FrameType.Response, await handler.InvokeAsync(invocation).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            Report(e);
            (type, answer) = (FrameType.Error, ErrorObject.Of(e));
        }

        Console.Out.Flush();
        Console.Error.Flush();
        channel.Send(type, slot, answer.Span);
    }
}

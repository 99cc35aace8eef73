namespace Mayfly.Shims.DotNet;

/// <summary>The loop: load the handler, say ready, answer invocations until told to stop.</summary>
internal static class Shim
{
    /// <summary>Runs until the server is gone or says stop; returns the exit status.</summary>
    public static int Run()
    {
        var channel = new FrameChannel(3);
        LogWriter.Standard = new LogWriter(Console.Out, "Information");
        Console.SetOut(LogWriter.Standard);
        Console.SetError(new LogWriter(Console.Error, "Error"));
        var taskRoot = Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT") ?? Environment.CurrentDirectory;
        Handler handler;
        try
        {
            handler = UserCode.Load(taskRoot, Environment.GetEnvironmentVariable("_HANDLER") ?? "");
        }
        catch (Exception e)
        {
            Report(e);
            channel.Send(FrameType.InitError, 0, ErrorObject.Of(e));
            return 1;
        }

        var slots = int.TryParse(Environment.GetEnvironmentVariable("MAYFLY_CONCURRENCY"), out var n) ? n : 1;
        channel.Send(FrameType.Ready, 0, []);
        while (channel.TryReceive(out var type, out var slot, out var payload))
        {
            switch (type)
            {
                case FrameType.Invoke when slots == 1:
                    AnswerAsync(channel, handler, slot, payload).GetAwaiter().GetResult();
                    break;
                case FrameType.Invoke:
                    // The pool thread may block in the function; the loop goes on reading.
                    _ = Task.Factory.StartNew(() => AnswerAsync(channel, handler, slot, payload), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
                    break;
                case FrameType.Stop:
                    return 0;
                default:
                    return 1;
            }
        }

        return 0;
    }

    private static async Task AnswerAsync(FrameChannel channel, Handler handler, int slot, byte[] payload)
    {
        var invocation = Invocation.Read(payload);
        LogWriter.RequestId.Value = invocation.RequestId;
        Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation.TraceId.Length == 0 ? null : invocation.TraceId);
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

    private static void Report(Exception e) => Console.Error.WriteLine(e.ToString());
}

using System.Buffers.Binary;

namespace Mayfly.Shims.DotNet;

/// <summary>The loop: load the handler, say ready, answer invocations until told to stop.</summary>
internal static class Shim
{
    private const int Channel = 3;

    /// <summary>Runs until the server is gone or says stop; returns the exit status.</summary>
    public static int Run(bool isStem)
    {
        var channel = new FrameChannel(Channel);
        var (output, errors) = (Console.Out, Console.Error);
        if (isStem && !Stem.Park(channel))
        {
            return 0;
        }

        LogWriter.Install(output, errors);
        var taskRoot = Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT") ?? Environment.CurrentDirectory;
        Handler handler;
        try
        {
            handler = UserCode.Load(taskRoot, Environment.GetEnvironmentVariable("_HANDLER") ?? "");
        }
        catch (Exception e)
        {
            Answering.Report(e);
            channel.Send(FrameType.InitError, 0, ErrorObject.Of(e));
            return 1;
        }

        var slots = int.TryParse(Environment.GetEnvironmentVariable("MAYFLY_CONCURRENCY"), out var n) ? n : 1;
        return Serve(channel, handler, slots);
    }

    /// <summary>Answers what comes. With one slot on this thread, which reads again when it is done; with several on the pool's, since a function may block.</summary>
    private static int Serve(FrameChannel channel, Handler handler, int slots)
    {
        if (slots > 1)
        {
            ThreadPool.GetMinThreads(out var workers, out var ports);
            ThreadPool.SetMinThreads(Math.Max(workers, slots), ports);
        }

        channel.Send(FrameType.Ready, 0, []);
        while (channel.TryReceive(out var type, out var slot, out var payload))
        {
            switch (type)
            {
                case FrameType.Invoke when slots == 1:
                    Answering.AnswerAlone(channel, handler, slot, payload);
                    break;
                case FrameType.Invoke:
                    ThreadPool.UnsafeQueueUserWorkItem(new Answering(channel, handler, slot, payload), preferLocal: false);
                    break;
                case FrameType.Poll:
                    channel.Patience = TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32BigEndian(payload));
                    break;
                case FrameType.Stop:
                    return 0;
                default:
                    return 1;
            }
        }

        return 0;
    }
}

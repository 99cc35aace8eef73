using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

public sealed class PoolSchedulerTests
{
    [Fact]
    public async Task WhatIsAwaited_ComesBackToThePool_NotToTheThreadThatEndsIt()
    {
        var read = new TaskCompletionSource();
        var waits = new TaskCompletionSource();
        var work = PoolScheduler.RunAsync(async () =>
        {
            Thread.CurrentThread.IsThreadPoolThread.ShouldBeTrue();
            waits.SetResult();
            await read.Task;
            return Thread.CurrentThread;
        });
        await waits.Task;
        var socket = new Thread(read.SetResult);
        socket.Start();

        var after = await work;
        after.ShouldNotBe(socket);
        after.IsThreadPoolThread.ShouldBeTrue();
    }

    [Fact]
    public async Task WhatItThrows_IsThrown()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => PoolScheduler.RunAsync(static () => throw new InvalidOperationException()));
    }
}

using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>When an idle instance is frozen, and that a used one never is.</summary>
public sealed class IdleFreezerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task IdleInstance_IsFrozen_AndRunsAgainBeforeItIsUsed()
    {
        var frozen = new TaskCompletionSource();
        var thawed = 0;
        using var freezer = new IdleFreezer(2, frozen.SetResult, () => thawed++, TimeProvider.System, TimeSpan.FromMilliseconds(5));

        freezer.OnFree();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        freezer.IsFrozen.ShouldBeFalse("one of its slots is in use");
        freezer.OnFree();
        await frozen.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        freezer.OnUsed();
        freezer.OnUsed();

        thawed.ShouldBe(1);
        freezer.IsFrozen.ShouldBeFalse();
    }

    [Fact]
    public async Task UsedInstance_IsNeverFrozen_HoweverOftenItIsUsed()
    {
        var (isFrozen, times) = (false, 0);
        using var freezer = new IdleFreezer(
            1,
            () =>
            {
                Volatile.Write(ref isFrozen, true);
                Interlocked.Increment(ref times);
            },
            () => Volatile.Write(ref isFrozen, false),
            TimeProvider.System,
            TimeSpan.FromMilliseconds(1));
        var wrong = 0;
        var end = TimeProvider.System.GetTimestamp() + TimeProvider.System.TimestampFrequency;
        for (var use = 0; TimeProvider.System.GetTimestamp() < end; use++)
        {
            freezer.OnFree();
            if (use % 50 == 0)
            {
                await Task.Delay(use % 4, TestContext.Current.CancellationToken);
            }

            freezer.OnUsed();
            for (var look = 0; look < 20; look++)
            {
                wrong += Volatile.Read(ref isFrozen) ? 1 : 0;
            }
        }

        wrong.ShouldBe(0);
        times.ShouldBeGreaterThan(0);
    }
}

using System.Diagnostics;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>Waits for a condition instead of for a time.</summary>
public static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    /// <summary>Asks again and again until the answer is yes; fails at the deadline.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, string what, double seconds = 30)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                throw new ShouldAssertException($"not within {seconds:0.#} s: {what}");
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }

        return watch.Elapsed;
    }

    /// <summary>The same for a condition that is quick to ask.</summary>
    public static Task<TimeSpan> TrueAsync(Func<bool> condition, string what, double seconds = 30) =>
        TrueAsync(() => Task.FromResult(condition()), what, seconds);
}

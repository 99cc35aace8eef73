using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>How often, for how long and after which waits an event is tried. Pure.</summary>
/// <param name="Profile">How the waits grow.</param>
/// <param name="Retries">Most further attempts.</param>
/// <param name="Age">How old it may be.</param>
/// <param name="Http">The waits of <see cref="BackOffProfile.SnsHttp"/>.</param>
public readonly record struct RetryLimits(BackOffProfile Profile, int Retries, TimeSpan Age, HttpRetries? Http = null)
{
    private const int SnsAtOnce = 3;
    private const int SnsAfterASecond = SnsAtOnce + 2;
    private const int SnsGrowing = SnsAfterASecond + 10;
    private const int SnsLongestWait = 20;
    private const int SnsRetries = SnsGrowing + 100_000;

    private const int MostDoublings = 30;

    private static readonly TimeSpan LambdaAge = TimeSpan.FromHours(6);
    private static readonly TimeSpan EventBridgeAge = TimeSpan.FromSeconds(DeliveryPolicy.MostAgeSeconds);

    /// <summary>The limits of an event.</summary>
    /// <param name="queued">The event.</param>
    /// <param name="function">The function that it is for; <see langword="null"/> when it is for something else or that is gone.</param>
    public static RetryLimits Of(QueuedEvent queued, Function? function)
    {
        var policy = queued.Policy;
        if (function is not null && policy is not { BackOff: BackOffProfile.Knative })
        {
            return new(BackOffProfile.Lambda, int.MaxValue, RetryPolicy.SettingsOf(queued, function)?.MaximumEventAgeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : LambdaAge);
        }

        var (retries, age) = (policy?.BackOff ?? BackOffProfile.Lambda) switch
        {
            BackOffProfile.Lambda => (int.MaxValue, LambdaAge),
            BackOffProfile.EventBridge => (DeliveryPolicy.MostRetries, EventBridgeAge),
            BackOffProfile.Knative => (10, TimeSpan.MaxValue),

            // Both end by the number of attempts: what waited while the server stood still is not too old for that.
            BackOffProfile.SnsManaged => (SnsRetries, TimeSpan.MaxValue),
            BackOffProfile.SnsHttp => ((policy!.HttpRetries ?? HttpRetries.Default).Retries, TimeSpan.MaxValue),
        };
        return new(
            policy?.BackOff ?? BackOffProfile.Lambda,
            policy?.MaximumRetryAttempts ?? retries,
            policy?.MaximumEventAgeSeconds is { } most ? TimeSpan.FromSeconds(most) : age,
            policy?.HttpRetries);
    }

    /// <summary>How long to wait after so many attempts.</summary>
    /// <param name="tried">The attempts so far, from 1.</param>
    /// <param name="jitter">By chance: from 0 up to 1.</param>
    public TimeSpan BackOff(int tried, double jitter)
    {
        var doubled = Math.Pow(2, Math.Clamp(tried - 1, 0, MostDoublings));
        return TimeSpan.FromSeconds(Profile switch
        {
            BackOffProfile.Lambda => Math.Min(doubled, 300),
            BackOffProfile.EventBridge => Math.Min(doubled, 600) * (1 + jitter) / 2,
            BackOffProfile.Knative => Math.Min(0.2 * doubled, 3600),
            BackOffProfile.SnsManaged when tried <= SnsAtOnce => 0,
            BackOffProfile.SnsManaged when tried <= SnsAfterASecond => 1,
            BackOffProfile.SnsManaged => Math.Min(Math.Pow(2, Math.Min(tried - SnsAfterASecond - 1, MostDoublings)), SnsLongestWait),
            BackOffProfile.SnsHttp => (Http ?? HttpRetries.Default).Wait(tried).TotalSeconds,
        });
    }
}

using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Scaling;

public sealed class StemPolicyTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Quiet_KeepsOneForEachProcessor() => new StemPolicy(256 * MiB, 2).Decide(0, isForked: true, kinds: 1).ShouldBe(2);

    [Fact]
    public void Burst_KeepsAsManyAsItTook() => new StemPolicy(256 * MiB, 2).Decide(20, isForked: true, kinds: 1).ShouldBe(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_IsShared_AndNeverExceeded(bool isForked)
    {
        var policy = new StemPolicy(64 * MiB, 2);

        var alone = policy.Decide(1000, isForked, kinds: 1);
        var fourth = policy.Decide(1000, isForked, kinds: 4);

        // The least that a stem of either kind takes is 4 MiB.
        (alone * 4 * MiB).ShouldBeLessThanOrEqualTo(64 * MiB);
        (4 * fourth).ShouldBeLessThanOrEqualTo(alone);
        policy.Decide(1000, isForked: true, kinds: 1).ShouldBeGreaterThan(policy.Decide(1000, isForked: false, kinds: 1));
    }

    [Fact]
    public void NoMemory_KeepsNone() => new StemPolicy(0, 8).Decide(50, isForked: true, kinds: 1).ShouldBe(0);
}

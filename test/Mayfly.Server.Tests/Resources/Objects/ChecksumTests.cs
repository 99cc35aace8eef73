using System.Text;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class ChecksumTests
{
    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "123456789", "y/Q5Jg==")]
    [InlineData(ChecksumAlgorithm.Crc32C, "123456789", "4waSgw==")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "123456789", "rosUhgp5mIg=")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "hi", "o0c0JXzxWEE=")]
    [InlineData(ChecksumAlgorithm.Crc32, "Hello World!", "HCkcow==")]
    [InlineData(ChecksumAlgorithm.Sha1, "abc", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")]
    [InlineData(ChecksumAlgorithm.Sha256, "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData(ChecksumAlgorithm.Md5, "", "1B2M2Y8AsgTpgAmY7PhCfg==")]
    [InlineData(ChecksumAlgorithm.XxHash64, "", "70bbN1HY6Zk=")]
    public void ASum_IsAsS3WritesIt(ChecksumAlgorithm algorithm, string text, string sum) =>
        Convert.ToBase64String(RunningSum.Of(algorithm, Encoding.UTF8.GetBytes(text))).ShouldBe(sum);

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32)]
    [InlineData(ChecksumAlgorithm.Crc32C)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme)]
    public void ACrc_IsTheSame_HoweverTheBytesCome_AndCombinedFromParts(ChecksumAlgorithm algorithm)
    {
        var bytes = ObjectFixture.Bytes(100_003);
        var whole = RunningSum.Of(algorithm, bytes);
        foreach (var cut in (int[])[0, 1, 7, 16, 4096, 65_537, 100_002, 100_003])
        {
            using var sum = new RunningSum(algorithm);
            sum.Append(bytes.AsSpan(0, cut));
            sum.Append(bytes.AsSpan(cut));
            sum.Finish().ShouldBe(whole);
            CrcCombination.Combine(algorithm, RunningSum.Of(algorithm, bytes.AsSpan(0, cut)), RunningSum.Of(algorithm, bytes.AsSpan(cut)), bytes.Length - cut).ShouldBe(whole);
        }
    }

    [Fact]
    public void EveryAlgorithm_HasItsName_ItsLength_AndReadsBackFromTheStore()
    {
        foreach (var (algorithm, name) in ChecksumNames.Names)
        {
            ChecksumNames.Parse(name.ToLowerInvariant()).ShouldBe(algorithm);
            var checksum = new Checksum(algorithm, Convert.ToBase64String(RunningSum.Of(algorithm, "x"u8)), ChecksumType.Composite);
            Checksum.IsValue(algorithm, checksum.Value).ShouldBeTrue(name);
            Checksum.Parse(checksum.ToString()).ShouldBe(checksum);
        }

        ChecksumNames.Names.Count().ShouldBe(Enum.GetValues<ChecksumAlgorithm>().Length);
        Checksum.IsValue(ChecksumAlgorithm.Crc32, "y/Q5Jg").ShouldBeFalse();
        Checksum.IsValue(ChecksumAlgorithm.Crc32, "rosUhgp5mIg=").ShouldBeFalse();
    }
}

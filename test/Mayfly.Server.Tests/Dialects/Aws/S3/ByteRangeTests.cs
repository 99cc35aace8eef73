using Mayfly.Server.Dialects.Aws.S3;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 10, 0, 1)]
    [InlineData("bytes=2-5", 10, 2, 4)]
    [InlineData("bytes=2-", 10, 2, 8)]
    [InlineData("bytes=2-99", 10, 2, 8)]
    [InlineData("bytes=-3", 10, 7, 3)]
    [InlineData("bytes=-30", 10, 0, 10)]
    public void ARange_IsCutToTheObject(string header, long size, long offset, long length) => ByteRange.Read(header, size).ShouldBe(new ByteRange(offset, length));

    [Theory]
    [InlineData(null)]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("lines=0-1")]
    public void WhatIsNoRange_IsTheWhole(string? header) => ByteRange.Read(header, 10).ShouldBeNull();

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=-1", 0)]
    public void ARangeOutside_IsRefused(string header, long size) => S3Requests.Refused(() => ByteRange.Read(header, size)).ShouldBe("416 InvalidRange: The requested range is not satisfiable");

    [Theory]
    [InlineData("bytes=0-9", "0 10")]
    [InlineData("bytes=0-10", "400 InvalidArgument: Range specified is not valid for source object of size: 10")]
    [InlineData("bytes=10-12", "400 InvalidRequest: The specified copy range is invalid for the source object size")]
    [InlineData("bytes=-5", "400 InvalidArgument: The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")]
    public void ACopiedRange_MustBeInTheSource(string header, string outcome)
    {
        string seen;
        try
        {
            var range = ByteRange.ReadCopy(header, 10);
            seen = $"{range.Offset} {range.Length}";
        }
        catch (S3Exception e)
        {
            seen = $"{e.Status} {e.Code}: {e.Message}";
        }

        seen.ShouldBe(outcome);
    }
}

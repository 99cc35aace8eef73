using System.Text;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>Digests that AWS gave.</summary>
public sealed class MessageDigestTests
{
    [Fact]
    public void Attributes_HaveTheDigestOfTheService()
    {
        MessageDigest.OfAttributes([new("Hello", new("String", "There", null))]).ShouldBe("a311262e065454b75da111d535b8dacd");
        var trace = Encoding.UTF8.GetBytes("traceparent\u001e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01");
        MessageDigest.OfAttributes([new("attr1", new("Binary", null, trace))]).ShouldBe("8cbe4db156db8a94db8b801b7addb984");
        MessageDigest.OfAttributes([]).ShouldBeNull();
    }

    [Fact]
    public void Body_HasItsMd5_AndItsSha256ForDeduplication()
    {
        MessageDigest.OfBody("hello").ShouldBe("5d41402abc4b2a76b9719d911017c592");
        MessageDigest.DeduplicationIdOf("hello").ShouldBe("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    }
}

namespace Mayfly.Server.Invocation;

/// <summary>Names invocations. The names are no secrets, so their digits come from a generator that asks the system once.</summary>
public static class InvocationId
{
    /// <summary>A random UUID, version 4.</summary>
    public static string New() => NewGuid().ToString();

    /// <summary>The same, not yet as text.</summary>
    public static Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

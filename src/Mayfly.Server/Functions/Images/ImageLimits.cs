namespace Mayfly.Server.Functions.Images;

/// <summary>How much an image may be. AWS Lambda takes 10 GiB unpacked.</summary>
public static class ImageLimits
{
    /// <summary>Most bytes of all files, unpacked.</summary>
    public const long Unpacked = 10L * 1024 * 1024 * 1024;

    /// <summary>Most bytes of an archive, and of all its layers uncompressed: files that a later layer replaces count too.</summary>
    public const long Archive = 2 * Unpacked;

    /// <summary>Most entries of all layers, which are held in memory.</summary>
    public const int Entries = 500_000;

    /// <summary>Most layers, as with other engines.</summary>
    public const int Layers = 127;

    /// <summary>Most bytes of all paths.</summary>
    public const long Paths = 64L * 1024 * 1024;

    /// <summary>Most bytes of one path.</summary>
    public const int Path = 2048;

    /// <summary>Most bytes that a reader of archives may ask for at once: a header says how long it is itself.</summary>
    public const int Header = 1024 * 1024;

    internal static CodePackageException Exceeded(long limit, string what) => new($"The image has more than {limit} {what}.");
}

using System.Runtime.InteropServices;

namespace Mayfly.Server.Functions.Images;

/// <summary>The machine as images and programs name it.</summary>
public static class ImagePlatform
{
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64;

    /// <summary>The processor in an image's configuration.</summary>
    public static string Architecture => IsArm ? "arm64" : "amd64";

    /// <summary>The processor in the header of a program.</summary>
    public static ushort Machine => IsArm ? (ushort)183 : (ushort)62;
}

namespace Mayfly.Server.Extensions;

/// <summary>The streams that a subscriber may ask for.</summary>
[Flags]
public enum TelemetryKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>What the platform says about the instance and its invocations.</summary>
    Platform = 1,

    /// <summary>What the function prints.</summary>
    Function = 2,

    /// <summary>What external extensions print.</summary>
    Extension = 4,
}

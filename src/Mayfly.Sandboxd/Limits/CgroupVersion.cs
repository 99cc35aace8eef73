namespace Mayfly.Sandboxd.Limits;

/// <summary>Which control groups this machine gives us.</summary>
internal enum CgroupVersion
{
    /// <summary>None: memory is watched and processes are counted by other means.</summary>
    None,

    /// <summary>One tree per controller.</summary>
    V1,

    /// <summary>One tree for all.</summary>
    V2,
}

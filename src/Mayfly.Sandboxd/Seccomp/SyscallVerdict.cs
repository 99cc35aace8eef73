namespace Mayfly.Sandboxd.Seccomp;

/// <summary>What the filter does with a system call.</summary>
internal enum SyscallVerdict
{
    /// <summary>It does not exist here: <c>ENOSYS</c>.</summary>
    Missing,

    /// <summary>It goes through.</summary>
    Allow,

    /// <summary>It is refused: <c>EPERM</c>.</summary>
    Refuse,

    /// <summary>Refused with any flag that makes a namespace.</summary>
    Clone,

    /// <summary>Allowed with the usual execution domains only.</summary>
    Personality,

    /// <summary>Allowed for Unix, IPv4, IPv6 and netlink sockets; <c>EAFNOSUPPORT</c> for others.</summary>
    Socket,

    /// <summary>Refused where it would type into a terminal.</summary>
    Ioctl,
}

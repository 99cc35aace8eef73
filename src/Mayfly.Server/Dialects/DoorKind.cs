namespace Mayfly.Server.Dialects;

/// <summary>Who may come to a door.</summary>
public enum DoorKind
{
    /// <summary>It changes or reads the platform: no web page of another origin may use it.</summary>
    Control,

    /// <summary>As <see cref="Control"/>, and no function may come to it: neither through the listener in its sandbox nor, where sandboxes have users of their own, over the machine's network.</summary>
    Admin,

    /// <summary>It is a function's own front: any origin may call it, and the function's rules decide what a page may read.</summary>
    Open,
}

namespace Mayfly.Server.Dialects;

/// <summary>Who may come to a door.</summary>
public enum DoorKind
{
    /// <summary>It changes or reads the platform: no web page of another origin may use it.</summary>
    Control,

    /// <summary>It is a function's own front: any origin may call it, and the function's rules decide what a page may read.</summary>
    Open,
}

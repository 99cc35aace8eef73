namespace Mayfly.Server.Resources.Schedules;

/// <summary>What kind of thing gets a schedule's events.</summary>
public enum ScheduleTargetKind
{
    /// <summary>None that is served.</summary>
    Unserved,

    /// <summary>A function.</summary>
    Function,

    /// <summary>An event bus.</summary>
    Bus,

    /// <summary>A queue.</summary>
    Queue,

    /// <summary>The operation Invoke of AWS Lambda: its input names the function.</summary>
    Invoke,

    /// <summary>The operation PutEvents of EventBridge: its input has the entries.</summary>
    PutEvents,
}

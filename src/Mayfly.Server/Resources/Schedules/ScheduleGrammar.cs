namespace Mayfly.Server.Resources.Schedules;

/// <summary>The service whose grammar of schedule expressions holds.</summary>
public enum ScheduleGrammar
{
    /// <summary>Rules of EventBridge: no <c>at(…)</c>; units are singular exactly for 1.</summary>
    Rule,

    /// <summary>EventBridge Scheduler: <c>at(…)</c> too; units are singular or plural.</summary>
    Scheduler,
}

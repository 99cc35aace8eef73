namespace Mayfly.Server.Resources.Schedules;

/// <summary>One kind of things that fire at times: rules, or schedules of EventBridge Scheduler.</summary>
public interface IFiringSource
{
    /// <summary>Finds what an ARN names.</summary>
    /// <returns><see langword="null"/>: it is of another kind, not there, or does not fire.</returns>
    Firing? Find(string arn);

    /// <summary>Everything that has times, whether it is enabled or not.</summary>
    IEnumerable<FiringListing> List();
}

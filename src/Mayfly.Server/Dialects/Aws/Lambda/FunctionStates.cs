using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>
/// The life of a function as the Lambda API tells it. A change is whole when it is answered, so the states in between
/// are told once, in that answer, and never seen by a caller who asks again.
/// </summary>
/// <param name="runtimes">What can run here.</param>
internal sealed class FunctionStates(RuntimeCatalog runtimes)
{
    private const string Reason = "The function is being created.";

    /// <summary>In the answer to a creation.</summary>
    public static FunctionStateJson Creating { get; } = new("Pending", Reason, "Creating");

    /// <summary>In the answer to an update.</summary>
    public static FunctionStateJson Updating { get; } = new("Active") { LastUpdateStatus = "InProgress", LastUpdateStatusReason = Reason, LastUpdateStatusReasonCode = "Creating" };

    private static FunctionStateJson Active { get; } = new("Active") { LastUpdateStatus = "Successful" };

    /// <summary>In every other answer: whether this machine can run the revision, and if not why.</summary>
    public FunctionStateJson Now(Revision revision) =>
        runtimes.TryPlan(revision.Config, out _, out var missing) ? Active : new("Failed", missing, "InvalidRuntime") { LastUpdateStatus = "Successful" };
}

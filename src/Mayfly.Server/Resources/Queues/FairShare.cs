namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// Whose message is next where several tenants share a standard queue: a tenant that has much of what is in flight
/// waits for those that have not. Nobody is refused, and no order is promised. Pure.
/// </summary>
internal static class FairShare
{
    private const int LeastOfNoisy = 30;
    private const int Tenth = 10;

    /// <summary>Whether a tenant has so much in flight that others go first: 30 messages, and more than a tenth.</summary>
    /// <param name="own">What it has in flight.</param>
    /// <param name="all">What the queue has.</param>
    public static bool IsNoisy(int own, int all) => own >= LeastOfNoisy && (long)own * Tenth > all;

    /// <summary>Whose turn it is: of the quiet ones the oldest message; among noisy ones alone, that of who has least in flight.</summary>
    /// <param name="tenants">Each tenant's oldest message and what it has in flight; at least one.</param>
    /// <param name="all">What the queue has in flight.</param>
    /// <returns>The tenant's place in the list.</returns>
    public static int Pick(IReadOnlyList<(long Oldest, int InFlight)> tenants, int all)
    {
        var best = 0;
        for (var i = 1; i < tenants.Count; i++)
        {
            if (RankOf(tenants[i], all).CompareTo(RankOf(tenants[best], all)) < 0)
            {
                best = i;
            }
        }

        return best;
    }

    private static (int InFlight, long Oldest) RankOf((long Oldest, int InFlight) tenant, int all) =>
        (IsNoisy(tenant.InFlight, all) ? tenant.InFlight : 0, tenant.Oldest);
}

using System.Runtime;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET memory</c>: what the server itself takes. With <c>?collect=true</c> after a full collection, which stops everything for a moment.</summary>
public sealed class MemoryResource : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/memory", GetAsync)];

    private static Task GetAsync(HttpContext context, string none)
    {
        if (context.Request.Query["collect"] == "true")
        {
            // Twice: what has a finalizer is only free after it has run.
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        }

        return context.Response.WriteAsJsonAsync(new MemoryReply(GC.GetTotalMemory(forceFullCollection: false), Environment.WorkingSet), NativeJson.Default.MemoryReply);
    }
}

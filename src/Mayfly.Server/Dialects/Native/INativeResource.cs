namespace Mayfly.Server.Dialects.Native;

/// <summary>One resource of the admin API: the routes that it answers.</summary>
public interface INativeResource
{
    /// <summary>The routes.</summary>
    IReadOnlyList<NativeRoute> Routes { get; }
}

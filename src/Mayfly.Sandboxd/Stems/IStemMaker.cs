namespace Mayfly.Sandboxd.Stems;

/// <summary>One way to make stems of a kind.</summary>
internal interface IStemMaker : IAsyncDisposable
{
    /// <summary>Whether one is made so quickly that a caller may wait for it.</summary>
    bool IsQuick { get; }

    /// <summary>Makes one.</summary>
    /// <param name="isAwaited">Whether somebody waits for it: then it does not warm itself up more than it must.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <exception cref="Launching.StartRefusedException">It was not made; nothing is left behind.</exception>
    Task<Stem> MakeAsync(bool isAwaited, CancellationToken cancellationToken);
}

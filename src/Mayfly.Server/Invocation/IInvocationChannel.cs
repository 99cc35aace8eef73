namespace Mayfly.Server.Invocation;

/// <summary>
/// The server's side of one way to talk to the program in a sandbox. A channel reports to its <see cref="Instance"/>:
/// <see cref="Instance.OnParked"/>, <see cref="Instance.OnInitError"/>, <see cref="Instance.OnAnswer"/>, <see cref="Instance.OnBroken"/>.
/// </summary>
public interface IInvocationChannel : IAsyncDisposable
{
    /// <summary>Starts to listen. Called once, before anything else.</summary>
    void Begin(Instance instance);

    /// <summary>Hands an invocation over on a parked slot. Neither waits nor throws: what comes of it is reported.</summary>
    /// <param name="slot">1 to <see cref="Instance.SlotCount"/>.</param>
    /// <param name="invocation">What to run.</param>
    void Send(int slot, ActiveInvocation invocation);
}

using System.Text;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Shims;

/// <summary>A shim in a real sandbox.</summary>
internal sealed class SandboxedShim : ShimWire, IAsyncDisposable
{
    private readonly Sandbox _sandbox;
    private readonly StringBuilder _output = new();

    public SandboxedShim(Sandbox sandbox)
        : base(sandbox.Channel!)
    {
        _sandbox = sandbox;
        sandbox.Channel!.ReceiveTimeout = 20_000;
    }

    public override string Output
    {
        get
        {
            var bytes = new byte[64 * 1024];
            for (int count; (count = LibC.ReadSome(_sandbox.Output, bytes)) > 0;)
            {
                _output.Append(Encoding.UTF8.GetString(bytes, 0, count));
            }

            return _output.ToString();
        }
    }

    /// <summary>How it ended.</summary>
    public Task<SandboxExit> ExitAsync() => _sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();
}

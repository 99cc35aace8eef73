namespace Mayfly.Server.Invocation;

/// <summary>How and through whom an invocation failed. Expected ends are values; an exception is a bug or a cancellation.</summary>
/// <param name="Kind">The way it ended.</param>
/// <param name="Type">The error type as the Lambda API prints it, for example <c>Sandbox.Timedout</c>.</param>
/// <param name="Message">For a person.</param>
public sealed record InvocationError(InvocationErrorKind Kind, string Type, string Message)
{
    /// <summary>Whose fault it is.</summary>
    public Fault Fault => Kind switch
    {
        InvocationErrorKind.FunctionNotFound => Fault.Caller,
        InvocationErrorKind.PayloadTooLarge => Fault.Caller,
        InvocationErrorKind.InvalidPayload => Fault.Caller,
        InvocationErrorKind.TooManyRequests => Fault.Caller,
        InvocationErrorKind.Unhandled => Fault.Function,
        InvocationErrorKind.InitFailed => Fault.Function,
        InvocationErrorKind.TimedOut => Fault.Function,
        InvocationErrorKind.Exited => Fault.Function,
        InvocationErrorKind.ResponseTooLarge => Fault.Function,
        InvocationErrorKind.RuntimeMissing => Fault.Platform,
        InvocationErrorKind.SandboxFailed => Fault.Platform,
        InvocationErrorKind.ShuttingDown => Fault.Platform,
    };
}

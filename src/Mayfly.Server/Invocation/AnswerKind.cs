namespace Mayfly.Server.Invocation;

/// <summary>How one exchange with an instance ended.</summary>
public enum AnswerKind
{
    /// <summary>A result.</summary>
    Response,

    /// <summary>A result that went through the invocation's <see cref="ResponseStream"/>, to its end.</summary>
    Streamed,

    /// <summary>An error object from the function.</summary>
    Error,

    /// <summary>A result over the limit.</summary>
    TooLarge,

    /// <summary>The function has answered the HTTP exchange itself.</summary>
    HttpAnswered,

    /// <summary>The time limit passed first.</summary>
    TimedOut,

    /// <summary>The sandbox ended first.</summary>
    Exited,
}

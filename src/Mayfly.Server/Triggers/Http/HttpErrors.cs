using Mayfly.Server.Invocation;

namespace Mayfly.Server.Triggers.Http;

/// <summary>What a client gets when there is no answer of a function, in the words of each AWS front.</summary>
public static class HttpErrors
{
    /// <summary>The header that says, for a person, what really happened: AWS's own words are few.</summary>
    public const string ReasonHeader = "x-mayfly-reason";

    /// <summary>The function failed, or its result is no response.</summary>
    public static HttpAnswer BadGateway(HttpFlavor flavor, string reason) => flavor switch
    {
        HttpFlavor.FunctionUrl => new(502, [new("Content-Type", "application/json"), Reason(reason)], "Internal Server Error"u8.ToArray()),
        HttpFlavor.HttpApi => HttpAnswer.Json(500, """{"message":"Internal Server Error"}""", Reason(reason)),
        HttpFlavor.RestApi => HttpAnswer.Json(502, """{"message": "Internal server error"}""", ErrorType("InternalServerErrorException"), Reason(reason)),
    };

    /// <summary>The front gave up waiting; the function may still run.</summary>
    public static HttpAnswer GatewayTimeout(HttpFlavor flavor, string reason) => flavor switch
    {
        HttpFlavor.FunctionUrl => BadGateway(flavor, reason),
        HttpFlavor.HttpApi => HttpAnswer.Json(503, """{"message":"Service Unavailable"}""", Reason(reason)),
        HttpFlavor.RestApi => HttpAnswer.Json(504, """{"message": "Endpoint request timed out"}""", ErrorType("IntegrationTimeoutException"), Reason(reason)),
    };

    /// <summary>The request is larger than a function can take.</summary>
    public static HttpAnswer TooLarge(HttpFlavor flavor)
    {
        var reason = Reason("the event would be larger than 6 MiB, the most that a function takes");
        return flavor switch
        {
            HttpFlavor.FunctionUrl => HttpAnswer.Json(413, """{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}""", ErrorType("RequestTooLargeException"), reason),
            HttpFlavor.HttpApi => HttpAnswer.Json(413, """{"message":"Request Entity Too Large"}""", reason),
            HttpFlavor.RestApi => HttpAnswer.Json(413, """{"message": "Request Too Long"}""", ErrorType("RequestTooLargeException"), reason),
        };
    }

    /// <summary>No route has this method and path.</summary>
    public static HttpAnswer NoRoute(HttpFlavor flavor, string reason) => flavor switch
    {
        HttpFlavor.FunctionUrl => NoUrl(reason),
        HttpFlavor.HttpApi => HttpAnswer.Json(404, """{"message":"Not Found"}""", Reason(reason)),
        HttpFlavor.RestApi => HttpAnswer.Json(403, """{"message":"Missing Authentication Token"}""", ErrorType("MissingAuthenticationTokenException"), Reason(reason)),
    };

    /// <summary>No function has this URL.</summary>
    public static HttpAnswer NoUrl(string reason) =>
        HttpAnswer.Json(403, """{"Message":null}""", ErrorType("AccessDeniedException"), Reason(reason));

    /// <summary>The URL asks for a signature, and there is none.</summary>
    public static HttpAnswer Unsigned() =>
        HttpAnswer.Json(403, """{"Message":"Forbidden"}""", ErrorType("AccessDeniedException"), Reason("this URL has AuthType AWS_IAM: sign the request (SigV4, any key)"));

    /// <summary>The answer to an invocation that ended without a result.</summary>
    public static HttpAnswer From(HttpFlavor flavor, InvocationError error, string function)
    {
        // What a function's own error says stays in its log, as on AWS.
        var own = $"{error.Type}: the function failed; mayfly logs {function} shows why";
        return error.Kind switch
        {
            InvocationErrorKind.FunctionNotFound => flavor == HttpFlavor.FunctionUrl ? NoUrl(error.Message) : BadGateway(flavor, error.Message),
            InvocationErrorKind.PayloadTooLarge => TooLarge(flavor),
            InvocationErrorKind.TooManyRequests => Throttled(flavor, error.Message),
            InvocationErrorKind.InvalidPayload => BadGateway(flavor, error.Message),
            InvocationErrorKind.Unhandled => BadGateway(flavor, own),
            InvocationErrorKind.InitFailed => BadGateway(flavor, own),
            InvocationErrorKind.TimedOut => BadGateway(flavor, error.Message),
            InvocationErrorKind.Exited => BadGateway(flavor, error.Message),
            InvocationErrorKind.ResponseTooLarge => BadGateway(flavor, error.Message),
            InvocationErrorKind.RuntimeMissing => Unavailable(flavor, error.Message),
            InvocationErrorKind.SandboxFailed => Unavailable(flavor, error.Message),
            InvocationErrorKind.ShuttingDown => Unavailable(flavor, error.Message),
        };
    }

    private static HttpAnswer Throttled(HttpFlavor flavor, string reason) => flavor switch
    {
        HttpFlavor.FunctionUrl => HttpAnswer.Json(429, """{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}""", ErrorType("TooManyRequestsException"), Reason(reason)),
        HttpFlavor.HttpApi or HttpFlavor.RestApi => HttpAnswer.Json(429, """{"message":"Too Many Requests"}""", Reason(reason)),
    };

    private static HttpAnswer Unavailable(HttpFlavor flavor, string reason) => flavor switch
    {
        HttpFlavor.FunctionUrl => HttpAnswer.Json(503, """{"Message":"Service Unavailable"}""", ErrorType("ServiceException"), Reason(reason)),
        HttpFlavor.HttpApi or HttpFlavor.RestApi => HttpAnswer.Json(503, """{"message":"Service Unavailable"}""", Reason(reason)),
    };

    private static KeyValuePair<string, string> Reason(string text) => new(ReasonHeader, HeaderText.Printable(text));

    private static KeyValuePair<string, string> ErrorType(string type) => new("x-amzn-ErrorType", type);
}

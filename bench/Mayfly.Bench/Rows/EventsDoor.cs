using System.Globalization;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;

namespace Mayfly.Bench.Rows;

/// <summary>Functions, rules and events of a server for benchmarks of its events.</summary>
/// <param name="mayfly">The server.</param>
internal sealed class EventsDoor(MayflyServer mayfly) : IDisposable
{
    /// <summary>The function that gets everything.</summary>
    public const string Sink = "sink";

    /// <summary>The ARN of <see cref="Sink"/>.</summary>
    public const string SinkArn = "arn:aws:lambda:us-east-1:000000000000:function:sink";

    /// <summary>What the calls of EventBridge's door carry.</summary>
    public static Dictionary<string, string> Headers(string operation) => new(StringComparer.Ordinal) { ["X-Amz-Target"] = "AWSEvents." + operation, ["Content-Type"] = "application/x-amz-json-1.1" };

    private readonly HttpConnection _connection = new(mayfly.Port);

    /// <summary>Makes the function, and holds its events: accepting is measured, and not the functions that they start.</summary>
    public void MakeHeldSink()
    {
        Call("POST", "/2015-03-31/functions", mayfly.CreateBody(Sink));
        Hold(Sink);
    }

    /// <summary>What makes an invocation an event.</summary>
    public static IReadOnlyDictionary<string, string> AsEvent { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["X-Amz-Invocation-Type"] = "Event" };

    /// <summary>Holds a function's events up.</summary>
    public void Hold(string function) => Call("PUT", "/_mayfly/api/events/pauses/" + function, null);

    /// <summary>Lets them go on.</summary>
    public void LetGo(string function) => Call("DELETE", "/_mayfly/api/events/pauses/" + function, null);

    /// <summary>Whether a function has events that wait or are being delivered.</summary>
    public bool HasWaiting(string function) => Call("GET", "/_mayfly/api/events?state=waiting&limit=1&function=" + function, null).Body != "[]";

    /// <summary>Whether events have died.</summary>
    public bool HasDead => Call("GET", "/_mayfly/api/events?limit=1", null).Body != "[]";

    /// <summary>Calls an operation of EventBridge.</summary>
    public void Events(string operation, string body) => Call("POST", "/", body, $"X-Amz-Target: AWSEvents.{operation}\r\n");

    /// <summary>Makes a bus with rules of which each wants one kind of event for the function.</summary>
    public void MakeBus(string bus, int rules)
    {
        Events("CreateEventBus", $$"""{"Name":"{{bus}}"}""");
        for (var i = 0; i < rules; i++)
        {
            var rule = string.Create(CultureInfo.InvariantCulture, $"{bus}-{i}");
            Events("PutRule", $$$"""{"Name":"{{{rule}}}","EventBusName":"{{{bus}}}","EventPattern":"{\"source\":[\"shop\"],\"detail\":{\"kind\":[\"k{{{i}}}\"]}}"}""");
            Events("PutTargets", $$"""{"Rule":"{{rule}}","EventBusName":"{{bus}}","Targets":[{"Id":"1","Arn":"{{SinkArn}}"}]}""");
        }
    }

    public void Dispose() => _connection.Dispose();

    private HttpReply Call(string method, string path, string? body, string headers = "")
    {
        var reply = _connection.Call(HttpConnection.Request(method, path, body, headers));
        if (reply.Status is < 200 or >= 300)
        {
            throw new BenchException($"{method} {path} {headers.Trim()} answered {reply.Status}: {reply.Body}");
        }

        return reply;
    }
}

using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>The URLs of queues: <c>http://{host}/{account}/{name}</c>, with the host that the caller used, so that it can use them again. The region is the signature's.</summary>
internal static class QueueUrls
{
    private const int AccountLength = 12;

    /// <summary>The URL of a queue for a caller.</summary>
    public static string Of(JsonCall call, in QueueKey key) => $"{call.Http.Request.Scheme}://{call.Http.Request.Host}/{key.Account}/{key.Name}";

    /// <summary>The queue that a request names: by a URL of any host, by a name, or by the path that it was sent to.</summary>
    public static QueueKey KeyOf(JsonCall call)
    {
        var url = call.Text("QueueUrl");
        if (string.IsNullOrEmpty(url) && call.IsQuery)
        {
            url = call.Http.Request.Path.Value;
        }

        var parts = (url ?? "").TrimEnd('/').Split('/');
        return parts[^1].Length == 0 ? throw SqsErrors.Missing("QueueUrl") : new(IsAccount(parts) ? parts[^2] : call.Scope.Account, call.Scope.Region, parts[^1]);
    }

    /// <summary>The queue that a request names.</summary>
    /// <exception cref="AwsException">There is none, or it is another account's and its policy does not let this one in.</exception>
    public static MessageQueue Find(JsonCall call, QueueSnapshot queues)
    {
        var queue = queues.Find(KeyOf(call)) ?? throw SqsErrors.NoQueue(call);
        return QueuePolicy.Allows(queue, call.Scope.Account, call.Operation.Name) ? queue
            : throw new AwsException("AccessDenied", $"Access to the resource {Of(call, queue.Key)} is denied.", 403);
    }

    private static bool IsAccount(string[] parts) => parts.Length > 1 && parts[^2].Length == AccountLength && !parts[^2].AsSpan().ContainsAnyExceptInRange('0', '9');
}

using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>A message of a request, and what the answer needs beside it.</summary>
/// <param name="Message">The message.</param>
/// <param name="SystemDigest">The digest of the system attributes that it was sent with.</param>
internal sealed record SqsMessage(NewMessage Message, string? SystemDigest)
{
    /// <summary>What sending it is answered with.</summary>
    public JsonObject Answer(SentMessage sent)
    {
        var answer = new JsonObject { ["MD5OfMessageBody"] = MessageDigest.OfBody(Message.Body), ["MessageId"] = sent.MessageId };
        answer.Set("MD5OfMessageAttributes", Message.Attributes.IsEmpty ? null : MessageDigest.OfAttributes(Message.Attributes));
        answer.Set("MD5OfMessageSystemAttributes", SystemDigest);
        answer.Set("SequenceNumber", sent.SequenceNumber);
        return answer;
    }
}

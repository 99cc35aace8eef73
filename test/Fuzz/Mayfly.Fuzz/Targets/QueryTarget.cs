using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Query;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Fuzz.Targets;

/// <summary>The query protocol: forms become JSON, and JSON XML. An input is a form; its operation is one of SQS's or SNS's.</summary>
internal sealed class QueryTarget : IFuzzTarget
{
    private static readonly ServiceModel[] Services = [ServiceModel.Sqs, ServiceModel.Sns];

    public string Name => "query";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "Action=", "&", "=", ".", "+", "%", "%2", "%zz", "%00", "%0D", "%ff", "%ed%a0%80", "%F0%9F%90%9D", "SendMessage", "SendMessageBatch", "CreateQueue", "ReceiveMessage", "Publish", "PublishBatch", "CreateTopic", "Subscribe", "UntagResource",
            "QueueUrl", "MessageBody", "Attribute.1.Name", "Attribute.1.Value", "AttributeName.1", "Tag.1.Key", "SendMessageBatchRequestEntry.1.", "Id", "MessageAttribute.1.Name", ".Value.StringValue", ".Value.BinaryValue", ".Value.DataType",
            "MessageAttributes.entry.1.", "PublishBatchRequestEntries.member.1.", "Tags.member.1.Key", "TagKeys=", "member", "entry", "0", "99999999999999999999", "-1", "true", "a.b.c.d.e.f.g.h.i.j.k.l.m",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public Task StartAsync() => Task.CompletedTask;

    public Task<string> RunAsync(byte[] input)
    {
        FormNode form;
        try
        {
            form = QueryForm.Read(input);
        }
        catch (AwsException refused)
        {
            return Task.FromResult(refused.Type);
        }

        var told = new StringBuilder();
        foreach (var model in Services)
        {
            told.Append(Run(model, form)).Append(' ');
        }

        return Task.FromResult(told.ToString());
    }

    public byte[]? Shape(byte[] input, Random random) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Run(ServiceModel model, FormNode form)
    {
        if (form["Action"]?.Text is not { } action || !model.Operations.TryGetValue(action, out var operation))
        {
            return "none";
        }

        try
        {
            var json = QueryInput.Read(model, operation, form);
            if (new RequestValidator(model).Check(operation, [], new DefaultHttpContext().Request, json.Span) is not null)
            {
                return $"{action} refused";
            }

            // What the validator lets through is an object that a handler can read, and what a form says can be said in XML.
            using var document = JsonDocument.Parse(json);
            var error = Encoding.UTF8.GetString(QueryXml.Error(model, action, document.RootElement.ToString(), 400, "r"));
            var answer = new JsonObject { ["Messages"] = new JsonArray(new JsonObject { ["Body"] = document.RootElement.ToString() }), ["MessageId"] = form["MessageBody"]?.Text };
            var xml = Encoding.UTF8.GetString(QueryXml.Answer(model, operation, answer, "r"));
            return error.EndsWith("</ErrorResponse>", StringComparison.Ordinal) && xml.EndsWith("Response>", StringComparison.Ordinal) ? action : throw new FuzzException("the XML has no end");
        }
        catch (AwsException refused)
        {
            return $"{action} {refused.Type}";
        }
    }
}

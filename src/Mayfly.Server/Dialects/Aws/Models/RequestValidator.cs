using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>Checks a request against the shape that the service's model gives it: path, query, headers and body.</summary>
/// <param name="model">The service.</param>
internal sealed class RequestValidator(ServiceModel model)
{
    /// <summary>Checks one request.</summary>
    /// <param name="operation">What it asks for.</param>
    /// <param name="path">The path's segments, decoded.</param>
    /// <param name="request">Its query and headers.</param>
    /// <param name="body">Its body; an empty one is an empty object. It is not looked at where it is a stream.</param>
    /// <returns><see langword="null"/> if the model allows it.</returns>
    public RequestFault? Check(ModelOperation operation, ReadOnlySpan<string> path, HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (operation.Input is null)
        {
            return null;
        }

        var input = model.Shape(operation.Input);
        var failures = new List<(int Order, string Text)>();
        if ((Body(input, body, failures) ?? Rest(operation, input, path, request, failures)) is { } unreadable)
        {
            return new(unreadable, []);
        }

        return failures.Count == 0 ? null : new(null, [.. failures.OrderBy(static f => f.Order).Select(static f => f.Text)]);
    }

    private string? Body(ModelShape input, ReadOnlySpan<byte> body, List<(int Order, string Text)> failures)
    {
        if (input.Payload is { } payload && (body.IsEmpty || model.Shape(input.Members![payload].Shape).Type != "structure"))
        {
            return null;
        }

        var walk = new BodyWalk(model, body.IsEmpty ? "{}"u8 : body, failures);
        try
        {
            if (input.Payload is { } name)
            {
                walk.Payload(input.Members![name].Shape, MemberRules.Lower(name), input.Members.IndexOf(name));
            }
            else if (input.Members!.Values.Any(static m => m.In is null))
            {
                walk.Request(input);
            }
        }
        catch (JsonException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"Unexpected token in the request body at line {e.LineNumber + 1}, byte {e.BytePositionInLine}");
        }
        catch (InvalidOperationException)
        {
            return "The request body has a string that is not valid UTF-8";
        }

        return walk.Unreadable;
    }

    private string? Rest(ModelOperation operation, ModelShape input, ReadOnlySpan<string> path, HttpRequest request, List<(int Order, string Text)> failures)
    {
        var order = -1;
        foreach (var (name, member) in input.Members!)
        {
            order++;
            var wire = member.Wire ?? name;
            var values = member.In switch
            {
                "uri" => operation.IndexOf(wire) is >= 0 and var index ? path[index] : StringValues.Empty,
                "query" => request.Query[wire],
                "header" => request.Headers[wire],
                _ => default(StringValues?),
            };
            if (values is not { } given)
            {
                continue;
            }

            // An empty parameter is none; an empty segment of the path is a name that is too short.
            var absent = given.Count == 0 || (member.In != "uri" && given.Count == 1 && string.IsNullOrEmpty(given[0]));
            if (absent && member.Required)
            {
                failures.Add((order, MemberRules.Missing(MemberRules.Lower(name))));
            }

            if (!absent && Text(member.Shape, MemberRules.Lower(name), given, order, failures) is { } unreadable)
            {
                return unreadable;
            }
        }

        return null;
    }

    private string? Text(string name, string path, StringValues given, int order, List<(int Order, string Text)> failures)
    {
        var shape = model.Shape(name);
        if (shape.Type == "list")
        {
            var element = model.Shape(shape.Member!);
            var rules = given.SelectMany(text => MemberRules.OfText(shape.Member!, element, text ?? "")).ToList();
            var words = MemberRules.OfLength(shape, given.Count).Where(static r => !r.Holds).Select(static r => r.Words).ToList();
            if (rules.Exists(static r => !r.Holds))
            {
                words.Add($"Member must satisfy constraint: [{string.Join(", ", rules.Select(static r => r.Words).Distinct().Append(MemberRules.NotNull))}]");
            }

            failures.AddRange(words.Select(w => (order, MemberRules.Failure(path, $"[{string.Join(", ", given.ToArray())}]", w))));
            return null;
        }

        var value = given[0] ?? "";
        IEnumerable<(string Words, bool Holds)> bounds = [];
        if (shape.IsNumber)
        {
            var style = shape.Type == "double" ? NumberStyles.Float : NumberStyles.AllowLeadingSign;
            if (!double.TryParse(value, style, CultureInfo.InvariantCulture, out var number))
            {
                return BodyWalk.Converted(JsonTokenType.String, shape.Type);
            }

            bounds = MemberRules.OfNumber(shape, number);
        }
        else if (shape.Type == "boolean")
        {
            return value is "true" or "false" ? null : BodyWalk.Converted(JsonTokenType.String, shape.Type);
        }
        else if (shape.Type == "string")
        {
            bounds = MemberRules.OfText(name, shape, value);
        }

        failures.AddRange(bounds.Where(static r => !r.Holds).Select(r => (order, MemberRules.Failure(path, shape.Sensitive ? null : value, r.Words))));
        return null;
    }
}

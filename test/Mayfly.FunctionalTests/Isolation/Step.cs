using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>The words that the probes in <c>Fixtures/isolation</c> know.</summary>
internal static class Step
{
    internal static JsonObject Read(string path, int bytes = 65536) => new() { ["do"] = "read", ["path"] = path, ["bytes"] = bytes };

    internal static JsonObject List(string path) => new() { ["do"] = "list", ["path"] = path };

    internal static JsonObject Link(string path) => new() { ["do"] = "link", ["path"] = path };

    internal static JsonObject Write(string path) => new() { ["do"] = "write", ["path"] = path };

    internal static JsonObject Talk(string host, int port, string text = "") => new() { ["do"] = "talk", ["host"] = host, ["port"] = port, ["text"] = text };

    internal static JsonObject Get(string host, int port, string path) => Talk(host, port, $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

    internal static JsonObject Unix(string path, bool packets = false) => new() { ["do"] = "unix", ["path"] = path, ["packets"] = packets };

    internal static JsonObject Run(params string[] words) => new() { ["do"] = "run", ["words"] = new JsonArray([.. words.Select(static word => JsonValue.Create(word))]) };

    internal static JsonObject Call(long number, params JsonNode[] arguments) => new() { ["do"] = "call", ["number"] = number, ["arguments"] = new JsonArray(arguments) };

    internal static JsonObject Leave(string name) => new() { ["do"] = "leave", ["name"] = name };

    internal static JsonObject Bomb(string kind) => new() { ["do"] = "bomb", ["kind"] = kind };

    internal static JsonObject Environment() => new() { ["do"] = "environment" };
}

using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Services.Nodes;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the events of functions: routes from <c>http</c> and <c>httpApi</c>, others by their own readers, notices from the rest.</summary>
internal sealed class EventReader(ManifestReading reading, ProviderSettings provider, RuleReader rules, UploadReader uploads, MessageReader messages)
{
    private static readonly ImmutableArray<string> RestCorsHeaders =
        ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent", "X-Amzn-Trace-Id"];

    private readonly List<HttpRoute> _routes = [];
    private readonly Dictionary<string, (Position At, string Owner)> _places = new(StringComparer.Ordinal);

    /// <summary>All routes, with the methods of their cross-origin rules filled in: those that the same path has.</summary>
    public ImmutableArray<HttpRoute> Routes()
    {
        return [.. _routes.Select(route => route.Cors is { AllowMethods.IsEmpty: true } cors ? route with { Cors = cors with { AllowMethods = MethodsBeside(route) } } : route)];

        ImmutableArray<string> MethodsBeside(HttpRoute route) =>
        [
            "OPTIONS",
            .. _routes.Where(other => other.Rest == route.Rest && (!route.Rest || (other.Path == route.Path && other.Cors is not null)))
                .SelectMany(other => other.Method == "ANY" ? ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] : new[] { other.Method })
                .Where(method => method != "OPTIONS")
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>Reads the events of one function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="key">Its key.</param>
    /// <param name="name">Its deployed name.</param>
    public void Read(Section function, string key, string name)
    {
        if (function.Raw("events") is not { } raw)
        {
            return;
        }
        var payload = function.Child("httpApi") is { } own ? Payload(own) : null;
        if (reading.Resolver.Expand(raw) is not ListNode list)
        {
            throw function.Error("events", "must be a list; begin each event with \"- \".");
        }
        for (var index = 0; index < list.Items.Length; index++)
        {
            var path = $"{function.Name("events")}.{index}";
            var item = list.Items[index];
            switch (reading.Resolver.Expand(item))
            {
                case ScalarNode { Type: ScalarType.Text } kind:
                    ReadEvent(new(kind.Text, kind.At, new ScalarNode(kind.At, "", ScalarType.Null)), path, key, name, payload);
                    break;
                case MapNode { Entries: [var only] }:
                    ReadEvent(only, path, key, name, payload);
                    break;
                case MapNode { Entries: [var first, var second, ..] }:
                    throw second.At.Error($"{path}: \"{second.Key}\" stands beside \"{first.Key}\"; an event is one key: indent what belongs to it by two more spaces, and begin another event with \"- \".");
                case var other:
                    throw item.At.Error($"{path}: an event is a kind and its settings such as \"httpApi: GET /orders\", not {other.Kind}.");
            }
        }

        static string? Payload(Section httpApi)
        {
            httpApi.Check(KnownKeys.FunctionHttpApi);
            return ProviderSettings.ReadPayload(httpApi);
        }
    }

    private void ReadEvent(MapEntry entry, string path, string key, string name, string? payload)
    {
        var (kind, at, value) = entry;
        switch (kind)
        {
            case "http":
                ReadHttp(at, value, path, key, name);
                return;
            case "httpApi":
                ReadHttpApi(at, value, path, key, name, payload ?? provider.Payload);
                return;
            case "schedule":
                rules.ReadSchedule(at, value, $"{path}.schedule", key, name);
                return;
            case "eventBridge":
                rules.ReadEventBridge(at, value, $"{path}.eventBridge", key, name);
                return;
            case "s3" or "sqs" or "sns" or "rabbitmq":
                ReadSource(entry, $"{path}.{kind}", key, name);
                return;
        }
        if (!KnownKeys.Events.All.Contains(kind, StringComparer.Ordinal) && !reading.IsLenient
            && (!reading.HasPlugins || NearestName.Of(kind, KnownKeys.Events.All) is not null))
        {
            var hint = NearestName.Hint(kind, KnownKeys.Events.All);
            throw at.Error($"{path}: the event \"{kind}\" of function '{key}' is not known{(hint.Length > 0 ? hint : $"; known are {string.Join(", ", KnownKeys.Events.All)}.")}");
        }
        reading.Keep($"{path}.{kind}", value);
        reading.Notice(at, $"event '{kind}' of function '{key}' is not active yet.");
    }

    private void ReadSource(MapEntry entry, string owner, string key, string name)
    {
        var (kind, at, value) = entry;
        try
        {
            reading.Resolver.Resolve(value);
        }
        catch (ManifestException)
        {
            reading.Keep(owner, value);
            reading.Notice(at, $"{owner} of function '{key}' cannot be resolved here; it is left out.");
            return;
        }

        try
        {
            Action<Position, Node, string, string> read = kind switch
            {
                "s3" => uploads.Read,
                "sqs" => messages.ReadQueue,
                "sns" => messages.ReadTopic,
                _ => messages.ReadRabbit,
            };
            read(at, value, owner, name);
        }
        catch (UnknownValueException e)
        {
            reading.Keep(owner, value);
            reading.Notice(at, $"{owner} of function '{key}' is not active: {e.Message} is known to a deployment to AWS only.");
        }
    }

    private void ReadHttpApi(Position at, Node value, string path, string key, string name, string payload)
    {
        var owner = $"{path}.httpApi";
        string? method;
        string route;
        if (reading.Resolver.Resolve(value) is ScalarNode { Type: not ScalarType.Null } text)
        {
            (method, route) = Split(text.Text, at, owner);
        }
        else
        {
            var section = Section.Of(reading, value, owner, at);
            section.Check(KnownKeys.HttpApiEvent);
            WarnOfOpenRoute(section);
            method = section.Text("method");
            route = section.Text("path") ?? throw at.Error($"{owner}: \"path\" is missing; write for example path: /orders.");
        }
        if (route == "*")
        {
            Add(new() { Rest = false, Method = "ANY", Path = "$default", Function = name, PayloadFormat = payload, Cors = provider.HttpApiCors }, at, owner, key);
            return;
        }
        Add(new()
        {
            Rest = false,
            Method = CheckedMethod(method, at, owner),
            Path = CheckedPath(route, at, owner),
            Function = name,
            PayloadFormat = payload,
            Cors = provider.HttpApiCors,
        }, at, owner, key);
    }

    private void ReadHttp(Position at, Node value, string path, string key, string name)
    {
        var owner = $"{path}.http";
        string? method;
        string route;
        CorsRules? cors = null;
        if (reading.Resolver.Resolve(value) is ScalarNode { Type: not ScalarType.Null } text)
        {
            (method, route) = Split(text.Text, at, owner);
        }
        else
        {
            var section = Section.Of(reading, value, owner, at);
            section.Check(KnownKeys.HttpEvent);
            WarnOfOpenRoute(section);
            method = section.Text("method");
            route = section.Text("path") ?? throw at.Error($"{owner}: \"path\" is missing; write for example path: /orders.");
            cors = ReadRestCors(section);
            if (section.Text("integration") is { } integration && !integration.Replace('_', '-').Equals("lambda-proxy", StringComparison.OrdinalIgnoreCase)
                && !integration.Replace('_', '-').Equals("aws-proxy", StringComparison.OrdinalIgnoreCase))
            {
                reading.Notice(section.PlaceOf("integration"), $"{owner}.integration: \"{integration}\" is not active yet; the route answers as lambda-proxy does.");
            }
        }
        if (route == "*")
        {
            method ??= "ANY";
            route = "/{proxy+}";
            Add(new() { Rest = true, Method = CheckedMethod(method, at, owner), Path = "/", Function = name, PayloadFormat = "1.0", Cors = cors }, at, owner, key);
        }
        route = route.StartsWith('/') ? route : "/" + route;
        Add(new() { Rest = true, Method = CheckedMethod(method, at, owner), Path = CheckedPath(route, at, owner), Function = name, PayloadFormat = "1.0", Cors = cors }, at, owner, key);
    }

    private static CorsRules? ReadRestCors(Section http)
    {
        if (http.Get("cors") is ScalarNode)
        {
            return http.Flag("cors") == true ? new() { AllowOrigins = ["*"], AllowHeaders = RestCorsHeaders } : null;
        }
        if (http.Child("cors") is not { } cors)
        {
            return null;
        }
        cors.Check(KnownKeys.RestCors);
        return new()
        {
            AllowOrigins = cors.Texts("origins") ?? cors.Texts("origin") ?? ["*"],
            AllowHeaders = cors.Texts("headers") ?? RestCorsHeaders,
            AllowMethods = cors.Texts("methods")?.Select(method => method.ToUpperInvariant()).ToImmutableArray() ?? [],
            AllowCredentials = cors.Flag("allowCredentials") ?? false,
            MaxAge = cors.Integer("maxAge", 1, 86_400, " seconds"),
        };
    }

    /// <summary>A route whose door is not guarded here as it would be on AWS must be said apart from all else.</summary>
    private void WarnOfOpenRoute(Section route)
    {
        foreach (var key in new[] { "authorizer", "private" })
        {
            if (route.Raw(key) is { } raw && raw is not ScalarNode { Text: "false" })
            {
                reading.Keep(route.Name(key), raw);
                reading.Notice(route.PlaceOf(key), $"{route.Name(key)} is not active yet: everybody who reaches the server can call this route.");
            }
        }
    }

    private static (string? Method, string Path) Split(string text, Position at, string owner)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts switch
        {
            ["*"] => (null, "*"),
            [var method, var path] => (method, path),
            _ => throw at.Error($"{owner}: \"{text}\" is no route; write a method and a path such as GET /orders/{{id}}, or '*' for all."),
        };
    }

    private static string CheckedMethod(string? method, Position at, string owner) => method is null
        ? throw at.Error($"{owner}: \"method\" is missing; write for example method: get, or '*' for all.")
        : RoutePath.Method(method) ?? throw at.Error($"{owner}: {RoutePath.WhyNoMethod(method)}");

    private static string CheckedPath(string path, Position at, string owner)
    {
        if (!path.StartsWith('/'))
        {
            throw at.Error($"{owner}: the path \"{path}\" must begin with a slash.");
        }
        return RoutePath.Fault(path) is { } fault ? throw at.Error($"{owner}: {fault}") : path;
    }

    private void Add(HttpRoute route, Position at, string owner, string key)
    {
        var identity = $"{(route.Rest ? "http" : "httpApi")} {route.Method} {route.Path}";
        if (!_places.TryAdd(identity, (at, key)))
        {
            var (first, function) = _places[identity];
            throw at.Error($"{owner}: the route {route.Method} {route.Path} belongs to function '{function}' already, line {first.Line}{(first.File == at.File ? "" : $" of {first.File}")}.");
        }
        _routes.Add(route);
    }
}

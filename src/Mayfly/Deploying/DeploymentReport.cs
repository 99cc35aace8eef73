using Mayfly.Output;
using Mayfly.Server.Services;
using Spectre.Console;

namespace Mayfly.Deploying;

/// <summary>Shows what was deployed: functions with their URLs, routes, what is not active, and what failed.</summary>
/// <param name="terminal">Where.</param>
/// <param name="endpoint">The server's base URL.</param>
public sealed class DeploymentReport(Terminal terminal, string endpoint)
{
    /// <summary>The whole report.</summary>
    /// <param name="manifest">What was asked for.</param>
    /// <param name="serving">Names of the functions that serve.</param>
    /// <param name="builds">What came of each build.</param>
    public void Show(ServiceManifest manifest, IReadOnlySet<string> serving, IReadOnlyList<FunctionBuild> builds)
    {
        if (terminal.Json)
        {
            ShowJson(manifest, serving, builds);
            return;
        }

        ShowFunctions(manifest, serving);
        ShowRoutes(manifest, serving);
        ShowRules(manifest, serving);
        ShowResources(manifest);
        foreach (var build in builds.Where(static build => build.Notice is not null))
        {
            terminal.Warn($"{build.Function.Key}: {build.Notice}");
        }

        foreach (var notice in manifest.Notices)
        {
            terminal.Warn(notice.Line > 0 ? $"{notice.File}:{notice.Line}: {notice.Message}" : notice.Message);
        }

        foreach (var build in builds.Where(static build => build.Problem is not null))
        {
            ShowFailure(build, serving.Contains(build.Function.Name));
        }
    }

    /// <summary>One build that failed.</summary>
    public void ShowFailure(FunctionBuild build, bool stillServing)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("event", "failed");
                writer.WriteString("name", build.Function.Name);
                writer.WriteString("key", build.Function.Key);
                writer.WriteBoolean("serving", stillServing);
                writer.WriteString("problem", build.Problem);
                writer.WriteString("output", build.Output);
                writer.WriteEndObject();
            });
            return;
        }

        terminal.Warn($"{build.Function.Key}: {(stillServing ? "the last good version serves on" : "not deployed")}: {build.Problem}");
        if (build.Output is { Length: > 0 } output)
        {
            terminal.Note(output.TrimEnd());
        }
    }

    /// <summary>Where a function answers; <see langword="null"/> without a URL.</summary>
    public string? UrlOf(FunctionDefinition function) => function.Url is null ? null : $"{endpoint}/_url/{function.Name}/";

    private void ShowResources(ServiceManifest manifest)
    {
        string[] resources =
        [
            .. manifest.Buckets.Select(static bucket => $"bucket {bucket.Name}"),
            .. manifest.Queues.Select(static queue => $"queue {queue.Name}"),
            .. manifest.Topics.Select(static topic => $"topic {topic.Name}"),
        ];
        if (resources.Length > 0)
        {
            terminal.Say("");
            terminal.Say($"with {string.Join(", ", resources)}");
        }
    }

    private void ShowFunctions(ServiceManifest manifest, IReadOnlySet<string> serving)
    {
        if (serving.Count == 0)
        {
            return;
        }

        var table = Terminal.NewTable("FUNCTION", "RUNTIME", "URL");
        foreach (var function in manifest.Functions.Where(function => serving.Contains(function.Name)))
        {
            table.AddRow(Markup.Escape(function.Name), Markup.Escape(function.Config.Runtime), UrlOf(function) is { } url ? Markup.Escape(url) : $"[dim]mayfly invoke {Markup.Escape(function.Name)}[/]");
        }

        terminal.Show(table);
    }

    private void ShowRoutes(ServiceManifest manifest, IReadOnlySet<string> serving)
    {
        var routes = manifest.Routes.Where(route => serving.Contains(route.Function)).ToList();
        if (routes.Count == 0)
        {
            return;
        }

        terminal.Say("");
        var table = Terminal.NewTable("METHOD", "ROUTE", "FUNCTION");
        foreach (var route in routes)
        {
            table.AddRow(route.Method, Markup.Escape(RouteUrl(manifest, route)), Markup.Escape(route.Function));
        }

        terminal.Show(table);
    }

    private void ShowRules(ServiceManifest manifest, IReadOnlySet<string> serving)
    {
        var rules = manifest.Rules.Where(rule => rule.Function.Length == 0 || serving.Contains(rule.Function)).ToList();
        var schedules = manifest.Schedules.Where(schedule => schedule.Function.Length == 0 || serving.Contains(schedule.Function)).ToList();
        var sources = Sources(manifest).Where(source => serving.Contains(source.Function)).ToList();
        if (rules.Count + schedules.Count + sources.Count == 0)
        {
            return;
        }

        terminal.Say("");
        var table = Terminal.NewTable("TRIGGER", "STARTS IT", "FUNCTION");
        foreach (var rule in rules)
        {
            var cause = string.Join(", ", new[] { rule.ScheduleExpression, rule.EventPattern is null ? null : $"events of the bus {rule.Bus ?? "default"}" }.OfType<string>());
            table.AddRow(Markup.Escape(rule.Name), Markup.Escape(rule.Enabled ? cause : $"{cause} (disabled)"), Markup.Escape(rule.Target ?? rule.Function));
        }

        foreach (var schedule in schedules)
        {
            var cause = schedule.Timezone is null ? schedule.ScheduleExpression : $"{schedule.ScheduleExpression} {schedule.Timezone}";
            table.AddRow(Markup.Escape(schedule.Name), Markup.Escape(schedule.Enabled ? cause : $"{cause} (disabled)"), Markup.Escape(schedule.Target ?? schedule.Function));
        }

        foreach (var (name, cause, function) in sources)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(cause), Markup.Escape(function));
        }

        terminal.Show(table);
    }

    private static IEnumerable<(string Name, string Cause, string Function)> Sources(ServiceManifest manifest) =>
    [
        .. manifest.Notifications.Select(static told => ($"bucket {told.Bucket}", $"{string.Join(", ", told.Events)} {told.Prefix}*{told.Suffix}", told.Function)),
        .. manifest.Mappings.Select(static mapping => (
            mapping.Queue is null ? $"queue {LastOf(mapping.Source)}" : $"queue {mapping.Queue} of RabbitMQ",
            mapping.Enabled ? "messages" : "messages (disabled)",
            mapping.Function)),
        .. manifest.Subscriptions.Select(static subscription => ($"topic {LastOf(subscription.Topic)}", "notifications", subscription.Function)),
    ];

    private static string LastOf(string arn) => arn[(arn.LastIndexOf(':') + 1)..];

    private string RouteUrl(ServiceManifest manifest, Server.Triggers.Http.HttpRoute route)
    {
        var path = route.Path == "$default" ? "/*" : route.Path;
        return $"{endpoint}/_api/{manifest.Name}{(route.Rest ? "/" + manifest.Stage : "")}{path}";
    }

    private void ShowJson(ServiceManifest manifest, IReadOnlySet<string> serving, IReadOnlyList<FunctionBuild> builds) => terminal.WriteJson(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("event", "deployed");
        writer.WriteString("endpoint", endpoint);
        writer.WriteString("service", manifest.Name);
        writer.WriteString("stage", manifest.Stage);
        writer.WriteStartArray("functions");
        foreach (var function in manifest.Functions)
        {
            var build = builds.FirstOrDefault(build => build.Function.Name == function.Name);
            writer.WriteStartObject();
            writer.WriteString("name", function.Name);
            writer.WriteString("key", function.Key);
            writer.WriteString("runtime", function.Config.Runtime);
            writer.WriteBoolean("deployed", serving.Contains(function.Name));
            writer.WriteString("url", UrlOf(function));
            writer.WriteString("problem", build?.Problem);
            writer.WriteString("output", build?.Output);
            writer.WriteString("notice", build?.Notice);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("routes");
        foreach (var route in manifest.Routes.Where(route => serving.Contains(route.Function)))
        {
            writer.WriteStartObject();
            writer.WriteString("method", route.Method);
            writer.WriteString("url", RouteUrl(manifest, route));
            writer.WriteString("function", route.Function);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("notices");
        foreach (var notice in manifest.Notices)
        {
            writer.WriteStringValue(notice.Line > 0 ? $"{notice.File}:{notice.Line}: {notice.Message}" : notice.Message);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}

using System.Globalization;
using System.Text;
using Mayfly.Server.Services;
using Mayfly.Server.Tests.Architecture;

namespace Mayfly.Server.Tests.Services;

/// <summary>Manifests as projects have them; what each amounts to stands in its <c>expected.txt</c>, written anew with MAYFLY_ACCEPT=1.</summary>
public sealed class SampleManifestTests
{
    [Theory]
    [InlineData("rest-dynamodb")]
    [InlineData("httpapi-node")]
    [InlineData("split-files")]
    [InlineData("old-style")]
    [InlineData("mixed-languages")]
    public void Sample_IsReadAsExpected(string name)
    {
        Repository.NeedSources();
        var folder = Path.Combine(Repository.Root, "test/Mayfly.Server.Tests/Services/Samples", name);
        var manifest = ManifestReader.Read(folder, new() { Environment = _ => null });
        var text = Print(manifest, folder);
        var expected = Path.Combine(folder, "expected.txt");
        if (Environment.GetEnvironmentVariable("MAYFLY_ACCEPT") == "1")
        {
            File.WriteAllText(expected, text);
        }
        text.ShouldBe(File.ReadAllText(expected).ReplaceLineEndings("\n"));
    }

    private static string Print(ServiceManifest manifest, string folder)
    {
        var text = new StringBuilder();
        Line($"service {manifest.Name} stage {manifest.Stage} region {manifest.Region ?? "-"}");
        foreach (var function in manifest.Functions)
        {
            var config = function.Config;
            Line($"function {function.Name} line {function.Line}: {config.Runtime} {(config.Handler.Length > 0 ? config.Handler : "-")} {config.MemoryMb} MiB {config.TimeoutSeconds} s {config.Architectures[0]} x{config.Concurrency} {config.Network?.ToString() ?? "default"} reserved {config.ReservedConcurrency?.ToString(CultureInfo.InvariantCulture) ?? "-"}");
            Line($"  folder {Path.GetRelativePath(folder, function.CodeFolder)} package [{string.Join(", ", function.PackagePatterns)}] artifact {function.Artifact ?? "-"} command {config.Command ?? "-"}");
            Line($"  environment {string.Join(", ", config.Environment.Select(pair => $"{pair.Key}={pair.Value}"))}");
            Line($"  tags {string.Join(", ", config.Tags.Select(pair => $"{pair.Key}={pair.Value}"))}");
            if (config.Tracing is not null || config.Vpc is not null || config.Logging is not null)
            {
                Line($"  tracing {config.Tracing ?? "-"} vpc {(config.Vpc is null ? "-" : string.Join(' ', config.Vpc.SubnetIds))} logs {config.Logging?.Format ?? "-"}");
            }
            if (function.Async is { } events)
            {
                Line($"  async retries {events.MaximumRetryAttempts?.ToString(CultureInfo.InvariantCulture) ?? "-"} success {events.OnSuccess ?? "-"} failure {events.OnFailure ?? "-"}");
            }
            if (function.Url is { } url)
            {
                Line($"  url {url.AuthType} {url.InvokeMode} cors {(url.Cors is null ? "-" : string.Join(' ', url.Cors.AllowOrigins))}");
            }
        }
        foreach (var route in manifest.Routes)
        {
            Line($"route {(route.Rest ? "http" : "httpApi")} {route.Method} {route.Path} -> {route.Function} payload {route.PayloadFormat} cors {(route.Cors is null ? "-" : $"{string.Join(' ', route.Cors.AllowOrigins)} | {string.Join(' ', route.Cors.AllowMethods)} | {route.Cors.MaxAge?.ToString(CultureInfo.InvariantCulture) ?? "-"}")}");
        }
        foreach (var rule in manifest.Rules)
        {
            Line($"rule {rule.Name} -> {rule.Function}: {rule.ScheduleExpression ?? "-"} bus {rule.Bus ?? "-"} pattern {rule.EventPattern ?? "-"} {(rule.Enabled ? "on" : "off")} {rule.Input ?? rule.InputPath ?? rule.InputTemplate ?? "-"}");
        }
        foreach (var told in manifest.Notifications)
        {
            Line($"bucket {told.Bucket} {string.Join(' ', told.Events)} {told.Prefix}*{told.Suffix} -> {told.Function}{told.Target}");
        }
        foreach (var queue in manifest.Queues)
        {
            Line($"queue {queue.Name} {string.Join(' ', queue.Attributes.Select(pair => $"{pair.Key}={pair.Value}"))}");
        }
        foreach (var subscription in manifest.Subscriptions)
        {
            Line($"topic {subscription.Topic} -> {subscription.Protocol} {subscription.Function}{subscription.Endpoint}");
        }
        foreach (var mapping in manifest.Mappings)
        {
            Line($"messages of {mapping.Source} -> {mapping.Function}");
        }
        foreach (var notice in manifest.Notices)
        {
            Line($"notice {notice.File}:{notice.Line}: {notice.Message}");
        }
        foreach (var part in manifest.Inactive)
        {
            Line($"kept {part.Path} {part.Json}");
        }
        Line($"files {string.Join(", ", manifest.Files.Select(file => Path.GetRelativePath(folder, file)))}");
        return text.ToString();

        void Line(string line) => text.Append(line.ReplaceLineEndings("\\n")).Append('\n');
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Services;

/// <summary>What a deployment must be like before anything of it is applied. Limits are AWS Lambda's.</summary>
public static partial class DeploymentRules
{
    private static readonly HashSet<string> Methods = new(StringComparer.Ordinal) { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY" };

    /// <summary>Checks names, limits and routes; what only the server knows (runtimes, packages) is checked elsewhere.</summary>
    /// <exception cref="ServiceException">The first thing that is wrong.</exception>
    public static void Check(ServiceDeployment deployment)
    {
        Require(ServiceName().IsMatch(deployment.Service), $"service '{deployment.Service}': a service's name begins with a letter and has letters, digits and hyphens, at most 128");
        Require(StageName().IsMatch(deployment.Stage), $"stage '{deployment.Stage}': a stage has letters, digits, hyphens and underscores, at most 128");
        Require(deployment.Region is null || Region().IsMatch(deployment.Region), $"region '{deployment.Region}' is not of the form us-east-1");

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var function in deployment.Functions)
        {
            Require(FunctionName().IsMatch(function.Name), $"function '{function.Name}': a function's name has letters, digits, hyphens and underscores, 1 to 64 of them");
            Require(names.Add(function.Name), $"function '{function.Name}' is there twice; names are unique in a region");
            CheckConfig(function.Name, function.Config);
            CheckRelease(function);
            CheckAsync(function);
            Require(function.Url is null or { AuthType: "NONE" or "AWS_IAM" }, $"function '{function.Name}': the URL's AuthType is NONE or AWS_IAM");
        }

        names.UnionWith(deployment.Keep);
        foreach (var rule in deployment.Rules)
        {
            CheckRule(rule);
            Require(rule.Function.Length == 0 || names.Contains(rule.Function), $"rule '{rule.Name}': function '{rule.Function}' is not part of the service");
        }

        foreach (var schedule in deployment.Schedules)
        {
            CheckSchedule(schedule);
            Require(schedule.Target is not null || names.Contains(schedule.Function), $"schedule '{schedule.Name}': function '{schedule.Function}' is not part of the service");
        }

        var routes = new HashSet<(bool, string, string)>();
        foreach (var route in deployment.Routes)
        {
            CheckRoute(route);
            Require(names.Contains(route.Function), $"route {route.Method} {route.Path}: function '{route.Function}' is not part of the service");
            Require(routes.Add((route.Rest, route.Method, Shape(route.Path))), $"route {route.Method} {route.Path} is there twice, also when only the names of its parameters differ");
        }
    }

    private static void CheckRetries(string what, int? retries, int? age)
    {
        Require(retries is null or (>= 0 and <= DeliveryPolicy.MostRetries), $"{what}: retry attempts are {retries}, but must be 0 to {DeliveryPolicy.MostRetries}");
        Require(
            age is null or (>= DeliveryPolicy.LeastAgeSeconds and <= DeliveryPolicy.MostAgeSeconds),
            $"{what}: the maximum event age (s) is {age}, but must be {DeliveryPolicy.LeastAgeSeconds} to {DeliveryPolicy.MostAgeSeconds}");
    }

    private static void CheckRule(DeployedRule rule)
    {
        CheckRetries($"rule '{rule.Name}'", rule.MaximumRetryAttempts, rule.MaximumEventAgeSeconds);
        Require(rule.EventPattern is not null || rule.ScheduleExpression is not null, $"rule '{rule.Name}': has neither a pattern nor a schedule");
        try
        {
            _ = rule.EventPattern is null ? null : EventPattern.Parse(rule.EventPattern);
            _ = rule.ScheduleExpression is null ? null : ScheduleExpression.Parse(rule.ScheduleExpression, ScheduleGrammar.Rule);
            _ = rule.InputTemplate is null ? null : InputTransformer.Parse(rule.InputPaths, rule.InputTemplate);
        }
        catch (FormatException e)
        {
            Require(false, $"rule '{rule.Name}': {e.Message}");
        }
    }

    private static void CheckSchedule(DeployedSchedule schedule)
    {
        CheckRetries($"schedule '{schedule.Name}'", schedule.MaximumRetryAttempts, schedule.MaximumEventAgeSeconds);
        try
        {
            ScheduleExpression.Parse(schedule.ScheduleExpression, ScheduleGrammar.Scheduler);
        }
        catch (FormatException e)
        {
            Require(false, $"schedule '{schedule.Name}': {e.Message}");
        }

        Require(schedule.Timezone is null || Recurrence.IsZone(schedule.Timezone), $"schedule '{schedule.Name}': '{schedule.Timezone}' is no time zone such as Europe/Berlin");
        Require(schedule.MaximumWindowInMinutes is null or (>= 1 and <= 1440), $"schedule '{schedule.Name}': the window is {schedule.MaximumWindowInMinutes} minutes, but must be 1 to 1440");
        Require(schedule.EndDate is not { } end || schedule.StartDate is not { } start || start < end, $"schedule '{schedule.Name}': it ends before it starts");
        var target = new ScheduleTarget { Arn = schedule.Target ?? "arn:aws:lambda:us-east-1:000000000000:function:any", Input = schedule.Input, Source = schedule.Source, DetailType = schedule.DetailType, Document = "" };
        var refusal = ScheduleOperation.Refusal(target);
        Require(refusal is null, $"schedule '{schedule.Name}': {refusal}");
    }

    private static void CheckConfig(string name, FunctionConfig config)
    {
        Between(config.MemoryMb, 128, 10_240, "memory (MiB)");
        Between(config.TimeoutSeconds, 1, 900, "timeout (s)");
        Between(config.EphemeralStorageMb, 512, 10_240, "ephemeral storage (MiB)");
        Between(config.Concurrency, 1, 1000, "concurrency of an instance");
        Require(config.ReservedConcurrency is null or >= 0, $"function '{name}': reserved concurrency is not below 0");
        Require(config.Tracing is null or "Active" or "PassThrough", $"function '{name}': tracing is Active or PassThrough");
        Require(config.SnapStart is null or "PublishedVersions" or "None", $"function '{name}': SnapStart applies to PublishedVersions or None");
        Require(CanLog(config.Logging), $"function '{name}': logs are Text without levels, or JSON with an application level of TRACE to FATAL and a system level of DEBUG to WARN");
        Require(config.Description.Length <= 256, $"function '{name}': the description has more than 256 characters");

        var size = 0;
        foreach (var (key, value) in config.Environment)
        {
            Require(VariableName().IsMatch(key), $"function '{name}': environment variable '{key}': a name begins with a letter and has at least two letters, digits or underscores");
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        Require(size <= 4096, $"function '{name}': the environment has {size} bytes; 4096 is the most");

        void Between(int value, int least, int most, string what) =>
            Require(value >= least && value <= most, $"function '{name}': {what} is {value}, but must be {least} to {most}");
    }

    private static bool CanLog(LoggingSettings? logging) => logging?.Format switch
    {
        null or "Text" => logging?.ApplicationLevel is null && logging?.SystemLevel is null,
        "JSON" => logging.ApplicationLevel is null or "TRACE" or "DEBUG" or "INFO" or "WARN" or "ERROR" or "FATAL" && logging.SystemLevel is null or "DEBUG" or "INFO" or "WARN",
        _ => false,
    };

    private static void CheckRelease(DeployedFunction function)
    {
        if (function.Alias is not { } alias)
        {
            return;
        }

        Require(AliasName().IsMatch(alias.Name), $"function '{function.Name}': alias '{alias.Name}': an alias has letters, digits, hyphens and underscores, not digits alone, at most 128");
        var most = function.Config.ReservedConcurrency ?? InvocationLimits.AccountConcurrency;
        Require(alias.Provisioned is null || (alias.Provisioned >= 1 && alias.Provisioned <= most), $"function '{function.Name}': provisioned concurrency is {alias.Provisioned}, but must be 1 to {most}");
        Require(alias.Provisioned is null || function.Config.SnapStart is not "PublishedVersions", $"function '{function.Name}': SnapStart and provisioned concurrency do not go together");
    }

    private static void CheckAsync(DeployedFunction function)
    {
        if (function.Async is not { } async)
        {
            return;
        }

        Require(async.MaximumRetryAttempts is null or (>= 0 and <= 2), $"function '{function.Name}': retry attempts are {async.MaximumRetryAttempts}, but must be 0 to 2");
        Require(async.MaximumEventAgeSeconds is null or (>= 60 and <= 21_600), $"function '{function.Name}': the maximum event age (s) is {async.MaximumEventAgeSeconds}, but must be 60 to 21600");
        foreach (var destination in new[] { async.OnSuccess, async.OnFailure })
        {
            var kind = destination?.Split(':') is ["arn", _, var service, _, _, _, ..] ? service : "";
            Require(destination is null || DestinationName().IsMatch(destination) || kind is "lambda" or "sqs" or "sns" or "events" || (kind == "s3" && destination == async.OnFailure),
                $"function '{function.Name}': '{destination}' is no destination: it is the name of a function, or the ARN of a function, queue, topic or event bus");
        }
    }

    private static void CheckRoute(HttpRoute route)
    {
        var where = $"route {route.Method} {route.Path}";
        Require(Methods.Contains(route.Method), $"{where}: the method is one of {string.Join(", ", Methods)}");
        Require(route.PayloadFormat is "1.0" or "2.0", $"{where}: the payload format is 1.0 or 2.0");
        if (route.Path == "$default")
        {
            Require(!route.Rest, $"{where}: a REST API has no $default route; use /{{proxy+}}");
            return;
        }

        Require(route.Path.StartsWith('/'), $"{where}: a path begins with a slash");
        var segments = route.Path[1..].Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var braced = segments[i].Contains('{', StringComparison.Ordinal) || segments[i].Contains('}', StringComparison.Ordinal);
            Require(!braced || Parameter().IsMatch(segments[i]), $"{where}: '{segments[i]}' is neither text nor {{name}} nor {{name+}}");
            Require(i == segments.Length - 1 || !segments[i].EndsWith("+}", StringComparison.Ordinal), $"{where}: {segments[i]} can only be the last segment");
        }
    }

    /// <summary>A path without the names of its parameters.</summary>
    private static string Shape(string path) => AnyParameter().Replace(path, static match => match.Value.EndsWith("+}", StringComparison.Ordinal) ? "{+}" : "{}");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ServiceException("InvalidDeployment", otherwise);
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,127}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ServiceName();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,128}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StageName();

    [GeneratedRegex(@"^[a-z]{2}(-gov)?-[a-z]+-\d$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Region();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"^(?![0-9]+\z)[A-Za-z0-9_-]{1,128}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AliasName();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DestinationName();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VariableName();

    [GeneratedRegex(@"^\{[A-Za-z0-9._:-]+\+?\}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\{[^}/]*\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnyParameter();
}

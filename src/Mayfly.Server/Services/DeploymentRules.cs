using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Server.Functions;
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
            Require(function.Url is null or { AuthType: "NONE" or "AWS_IAM" }, $"function '{function.Name}': the URL's AuthType is NONE or AWS_IAM");
        }

        names.UnionWith(deployment.Keep);
        var routes = new HashSet<(bool, string, string)>();
        foreach (var route in deployment.Routes)
        {
            CheckRoute(route);
            Require(names.Contains(route.Function), $"route {route.Method} {route.Path}: function '{route.Function}' is not part of the service");
            Require(routes.Add((route.Rest, route.Method, Shape(route.Path))), $"route {route.Method} {route.Path} is there twice, also when only the names of its parameters differ");
        }
    }

    private static void CheckConfig(string name, FunctionConfig config)
    {
        Between(config.MemoryMb, 128, 10_240, "memory (MiB)");
        Between(config.TimeoutSeconds, 1, 900, "timeout (s)");
        Between(config.EphemeralStorageMb, 512, 10_240, "ephemeral storage (MiB)");
        Between(config.Concurrency, 1, 1000, "concurrency of an instance");
        Require(config.ReservedConcurrency is null or >= 0, $"function '{name}': reserved concurrency is not below 0");
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

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VariableName();

    [GeneratedRegex(@"^\{[A-Za-z0-9._:-]+\+?\}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\{[^}/]*\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnyParameter();
}

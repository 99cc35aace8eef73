using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What the Lambda API demands of names and settings, worded as it words them.</summary>
/// <param name="runtimes">The known runtimes.</param>
internal sealed partial class FunctionChecks(RuntimeCatalog runtimes)
{
    private const string NamePattern =
        @"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

    private const int MaxEnvironmentBytes = 4096;

    private static readonly HashSet<string> ReservedKeys = new(StringComparer.Ordinal)
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    };

    /// <summary>Reads what a caller wrote to name a function.</summary>
    public static FunctionRef Reference(string text, AwsScope scope)
    {
        if (FunctionRef.TryParse(text, scope.Account, scope.Region, out var reference))
        {
            return reference;
        }

        var name = text[(text.LastIndexOf(':') + 1)..];
        throw name.Length > 64 && !name.AsSpan().ContainsAnyExcept(NameCharacters)
            ? LambdaException.Validation(Failure(text, "functionName", "Member must have length less than or equal to 64"))
            : LambdaException.Validation(Failure(text, "functionName", $"Member must satisfy regular expression pattern: {NamePattern}"));
    }

    /// <summary>Checks settings as they are about to be kept.</summary>
    public void Check(FunctionConfig config)
    {
        var failures = new List<string>();
        void Demand(bool holds, object value, string member, string constraint)
        {
            if (!holds)
            {
                failures.Add(Failure(value, member, constraint));
            }
        }

        void Between(int value, int least, int most, string member)
        {
            Demand(value >= least, value, member, $"Member must have value greater than or equal to {least}");
            Demand(value <= most, value, member, $"Member must have value less than or equal to {most}");
        }

        // A function that a manifest deployed has no role.
        Demand(config.Role.Length == 0 || Role().IsMatch(config.Role), config.Role, "role", @"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+");
        Demand(config.Handler.Length <= 128, config.Handler, "handler", "Member must have length less than or equal to 128");
        Demand(!config.Handler.Any(char.IsWhiteSpace), config.Handler, "handler", @"Member must satisfy regular expression pattern: [^\s]+");
        Demand(config.Description.Length <= 256, config.Description, "description", "Member must have length less than or equal to 256");
        Between(config.TimeoutSeconds, 1, 900, "timeout");
        Between(config.MemoryMb, 128, 10_240, "memorySize");
        Between(config.EphemeralStorageMb, 512, 10_240, "ephemeralStorage.size");
        Demand(config.Architectures is ["x86_64"] or ["arm64"], $"[{string.Join(", ", config.Architectures)}]", "architectures", "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must have length less than or equal to 1]");
        foreach (var key in config.Environment.Keys)
        {
            Demand(EnvironmentKey().IsMatch(key), key, "environment.variables.key", "Member must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]");
        }

        if (failures.Count > 0)
        {
            throw LambdaException.Validation(failures);
        }

        CheckRuntime(config.Runtime);
        CheckEnvironment(config);
    }

    /// <summary>Tags: at most 50, keys to 128 and values to 256 characters.</summary>
    public static void CheckTags(IReadOnlyDictionary<string, string> tags)
    {
        if (tags.Count > 50 || tags.Any(t => t.Key.Length is 0 or > 128 || t.Value.Length > 256 || t.Key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase)))
        {
            throw LambdaException.InvalidParameter("At most 50 tags; keys have 1 to 128 characters and do not begin with aws:, values have at most 256.");
        }
    }

    /// <summary>The caller's revision id, when it gave one, must be the newest.</summary>
    public static void CheckRevision(string? given, Function function)
    {
        if (given is not null && given != function.Latest.Id)
        {
            throw new LambdaException(412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id");
        }
    }

    public static string Failure(object value, string member, string constraint) => $"Value '{value}' at '{member}' failed to satisfy constraint: {constraint}";

    private void CheckRuntime(string runtime)
    {
        if (!runtimes.Knows(runtime))
        {
            throw LambdaException.InvalidParameter($"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{string.Join(", ", runtimes.Names)}] or be a valid ARN");
        }
    }

    private static void CheckEnvironment(FunctionConfig config)
    {
        var reserved = config.Environment.Keys.Where(ReservedKeys.Contains).ToList();
        if (reserved.Count > 0)
        {
            throw LambdaException.InvalidParameter($"Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {string.Join(", ", reserved)}");
        }

        var bytes = config.Environment.Sum(v => Encoding.UTF8.GetByteCount(v.Key) + Encoding.UTF8.GetByteCount(v.Value));
        if (bytes > MaxEnvironmentBytes)
        {
            throw LambdaException.InvalidParameter($"Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. They take {bytes} bytes.");
        }
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    [GeneratedRegex(@"^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Role();

    [GeneratedRegex(@"^[a-zA-Z]([a-zA-Z0-9_])+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EnvironmentKey();
}

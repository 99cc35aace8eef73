using System.Text;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What the Lambda API demands of names and settings, worded as it words them.</summary>
/// <param name="runtimes">The known runtimes.</param>
internal sealed class FunctionChecks(RuntimeCatalog runtimes)
{
    private const int MaxEnvironmentBytes = 4096;

    private static readonly HashSet<string> ReservedKeys = new(StringComparer.Ordinal)
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    };

    /// <summary>Checks settings as they are about to be kept, beyond what the service's model says of them.</summary>
    public void Check(FunctionConfig config)
    {
        if (config.Image is null)
        {
            CheckRuntime(config.Runtime);
        }

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
}

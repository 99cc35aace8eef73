using System.Globalization;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Invocation;

/// <summary>What a function finds in its environment: the names that AWS Lambda documents under "defined runtime environment variables".</summary>
/// <param name="settings">The server's settings.</param>
/// <param name="time">For the log stream's date.</param>
public sealed class FunctionEnvironment(ServerSettings settings, TimeProvider time)
{
    /// <summary>The clock that instances live by.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Composes the environment: the platform's defaults, the runtime's, the user's, and last what cannot be overridden.</summary>
    /// <param name="revision">The function.</param>
    /// <param name="plan">How it is started.</param>
    /// <param name="instance">The instance's id.</param>
    /// <param name="runtimeApi">Host and port of the Runtime API, for runtimes that use it.</param>
    /// <param name="port">The port that an HTTP server function must listen on; 0 for others.</param>
    public IReadOnlyDictionary<string, string> For(Revision revision, LaunchPlan plan, string instance, string? runtimeApi, int port)
    {
        var (function, config) = (revision.Function, revision.Config);
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/opt/bin",
            ["LANG"] = "en_US.UTF-8",
            ["TZ"] = ":UTC",
            ["HOME"] = "/tmp",
            ["TMPDIR"] = "/tmp",
            ["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR",
        };
        Put(all, plan.Environment);
        Put(all, config.Environment);
        all["AWS_REGION"] = function.Region;
        all["AWS_DEFAULT_REGION"] = function.Region;
        all["AWS_ENDPOINT_URL"] = all.GetValueOrDefault("AWS_ENDPOINT_URL", settings.BaseUrl);
        all["AWS_ACCESS_KEY_ID"] = all.GetValueOrDefault("AWS_ACCESS_KEY_ID", function.Account);
        all["AWS_SECRET_ACCESS_KEY"] = all.GetValueOrDefault("AWS_SECRET_ACCESS_KEY", "mayfly");
        all["AWS_LAMBDA_FUNCTION_NAME"] = function.Name;
        all["AWS_LAMBDA_FUNCTION_VERSION"] = revision.Version;
        all["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = config.MemoryMb.ToString(CultureInfo.InvariantCulture);
        all["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
        all["AWS_LAMBDA_LOG_GROUP_NAME"] = $"/aws/lambda/{function.Name}";
        all["AWS_LAMBDA_LOG_STREAM_NAME"] = string.Create(CultureInfo.InvariantCulture, $"{Time.GetUtcNow():yyyy/MM/dd}/[{revision.Version}]{instance}");
        all["LAMBDA_TASK_ROOT"] = "/var/task";
        all["LAMBDA_RUNTIME_DIR"] = "/var/runtime";
        all["_HANDLER"] = config.Handler;
        all["MAYFLY_CONCURRENCY"] = config.Concurrency.ToString(CultureInfo.InvariantCulture);
        if (config.Concurrency > 1)
        {
            all["AWS_LAMBDA_MAX_CONCURRENCY"] = config.Concurrency.ToString(CultureInfo.InvariantCulture);
        }

        if (runtimeApi is not null)
        {
            all["AWS_LAMBDA_RUNTIME_API"] = runtimeApi;
        }

        if (port > 0)
        {
            all["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        }

        return all;
    }

    private static void Put(Dictionary<string, string> all, IEnumerable<KeyValuePair<string, string>> more)
    {
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Identity;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Invocation;

/// <summary>What a function finds in its environment: the names that AWS Lambda documents under "defined runtime environment variables".</summary>
/// <param name="settings">The server's settings.</param>
/// <param name="credentials">What issues each instance what it signs its calls with.</param>
/// <param name="time">For the log stream's date.</param>
public sealed partial class FunctionEnvironment(ServerSettings settings, FunctionCredentials credentials, TimeProvider time)
{
    // Where a daemon of the user's own listens; AWS Lambda has one at an address that leads nowhere here.
    private const string TraceDaemonHost = "127.0.0.1";
    private const string TraceDaemonPort = "2000";

    /// <summary>The clock that instances live by.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>What an instance of a revision reaches over the network, on the machine that sandboxd spoke of.</summary>
    public NetworkMode NetworkOf(Revision revision, HelloMessage machine) => revision.Config.Network
        ?? (settings.Network == NetworkMode.Egress && machine.EgressMissing is not null ? NetworkMode.Host : settings.Network);

    /// <summary>What sandboxd calls a mode.</summary>
    internal static SandboxNetworkMode ReachOf(NetworkMode mode) => mode switch
    {
        NetworkMode.Host => SandboxNetworkMode.Host,
        NetworkMode.Egress => SandboxNetworkMode.Egress,
        NetworkMode.None => SandboxNetworkMode.None,
    };

    /// <summary>The file system of a function that is an image.</summary>
    public ImageRoot ImageOf(Revision revision) => new(CodeOf(revision));

    /// <summary>The folder that a function finds at <c>/var/task</c>.</summary>
    public string CodeOf(Revision revision) => Path.Combine(settings.StoreFolder, "code", revision.Code.Sha256);

    /// <summary>The folder that a function finds at <c>/opt</c>; <see langword="null"/> when it has no layers.</summary>
    public string? LayersOf(Revision revision) => LayerStack.FolderOf(settings.StoreFolder, revision.Layers);

    /// <summary>Composes the environment: the platform's defaults, the runtime's, the user's, and last what cannot be overridden.</summary>
    /// <param name="revision">The function.</param>
    /// <param name="plan">How it is started.</param>
    /// <param name="instance">The instance's id.</param>
    /// <param name="runtimeApi">Host and port where runtimes and extensions call.</param>
    /// <param name="port">The port that an HTTP server function must listen on; 0 for others.</param>
    /// <param name="type">Why the instance starts: <c>on-demand</c> or <c>provisioned-concurrency</c>.</param>
    /// <param name="doors">Where the platform's doors are; <see langword="null"/> for the server's own address.</param>
    public IReadOnlyDictionary<string, string> For(Revision revision, LaunchPlan plan, string instance, string? runtimeApi, int port, string type = InitPhase.OnDemand, string? doors = null)
    {
        var (function, config) = (revision.Function, revision.Config);
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/opt/bin",
            ["LANG"] = "en_US.UTF-8",
            ["TZ"] = ":UTC",
            ["HOME"] = "/tmp",
            ["TMPDIR"] = "/tmp",
            ["PWD"] = config.Image?.Folder() ?? SandboxSpec.CodeFolder,
            ["SHLVL"] = "0",
            ["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR",
            ["AWS_XRAY_DAEMON_ADDRESS"] = $"{TraceDaemonHost}:{TraceDaemonPort}",
            ["_AWS_XRAY_DAEMON_ADDRESS"] = TraceDaemonHost,
            ["_AWS_XRAY_DAEMON_PORT"] = TraceDaemonPort,
            ["AWS_ENDPOINT_URL"] = doors ?? settings.BaseUrl,
        };
        Put(all, plan.Environment);
        Put(all, config.Image?.Variables() ?? []);
        Put(all, config.Environment);

        PointQueuesHere(all, config.Environment);

        // What a function cannot set itself.
        Put(all, plan.Environment.Where(static variable => IsPlatformOwn(variable.Key)));
        PutCredentials(all, function);
        all["AWS_REGION"] = function.Region;
        all["AWS_DEFAULT_REGION"] = function.Region;
        all["AWS_LAMBDA_FUNCTION_NAME"] = function.Name;
        all["AWS_LAMBDA_FUNCTION_VERSION"] = revision.Version;
        all["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = config.MemoryMb.ToString(CultureInfo.InvariantCulture);
        all["AWS_LAMBDA_INITIALIZATION_TYPE"] = type;
        all["AWS_LAMBDA_LOG_GROUP_NAME"] = config.Logging?.Group ?? $"/aws/lambda/{function.Name}";
        all["AWS_LAMBDA_LOG_STREAM_NAME"] = LogStream(revision, instance);
        all["LAMBDA_TASK_ROOT"] = "/var/task";
        all["LAMBDA_RUNTIME_DIR"] = "/var/runtime";
        if (config.Image is null)
        {
            all["_HANDLER"] = config.Handler;
        }

        all["MAYFLY_CONCURRENCY"] = config.Concurrency.ToString(CultureInfo.InvariantCulture);
        if (config.Logging is { IsJson: true } logging)
        {
            all["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
            all["AWS_LAMBDA_LOG_LEVEL"] = logging.ApplicationLevel ?? "INFO";
        }

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

    /// <summary>The name of an instance's log stream.</summary>
    public string LogStream(Revision revision, string instance) =>
        string.Create(CultureInfo.InvariantCulture, $"{Time.GetUtcNow():yyyy'/'MM'/'dd}/[{revision.Version}]{instance}");

    // The older name of the token is what tools of the first years read.
    private void PutCredentials(Dictionary<string, string> all, FunctionKey function)
    {
        var issued = credentials.Issue(new(function.Account, function.Region, function.Name));
        all["AWS_ACCESS_KEY_ID"] = issued.AccessKeyId;
        all["AWS_SECRET_ACCESS_KEY"] = issued.SecretAccessKey;
        all["AWS_SESSION_TOKEN"] = issued.SessionToken;
        all["AWS_SECURITY_TOKEN"] = issued.SessionToken;
    }

    private static bool IsPlatformOwn(string name) => name == "AWS_EXECUTION_ENV" || name.StartsWith("LAMBDA_", StringComparison.Ordinal);

    // SDKs send what is for a queue to the host of its URL: one of AWS leads to where the function's other calls go.
    private static void PointQueuesHere(Dictionary<string, string> all, IEnumerable<KeyValuePair<string, string>> own)
    {
        foreach (var (name, value) in own)
        {
            if (value.StartsWith("https://sqs.", StringComparison.Ordinal) && all["AWS_ENDPOINT_URL"] is { Length: > 0 } endpoint && QueueUrl().Match(value) is { Success: true } url)
            {
                all[name] = endpoint.TrimEnd('/') + url.Groups["path"].Value;
            }
        }
    }

    [GeneratedRegex(@"^https://sqs\.[a-z0-9-]{1,32}\.amazonaws\.com(?<path>/[0-9]{12}/[A-Za-z0-9_-]{1,80}(\.fifo)?)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QueueUrl();

    private static void Put(Dictionary<string, string> all, IEnumerable<KeyValuePair<string, string>> more)
    {
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Finds functions and shows them as the Lambda API does.</summary>
internal static class FunctionAnswers
{
    private static readonly ConcurrentDictionary<string, string> RuntimeBuilds = new(StringComparer.Ordinal);

    /// <summary>The function that exists under this reference.</summary>
    /// <exception cref="LambdaException">Not found, or no such version or alias.</exception>
    public static Function Existing(this FunctionTable table, in FunctionRef reference) =>
        Existing(table.Current.Functions.GetValueOrDefault(reference.Key), reference);

    /// <summary>The same for a function that was looked up already.</summary>
    public static Function Existing(Function? function, in FunctionRef reference) =>
        function is not null && RevisionOf(function, reference.Qualifier) is not null ? function : throw LambdaException.NotFound(ArnOf(reference));

    /// <summary>The same where only the function as a whole can be meant.</summary>
    /// <exception cref="LambdaException">A version or an alias was named, or there is no such function.</exception>
    public static Function Whole(Function? function, in FunctionRef reference) =>
        reference.Qualifier is null or Revision.Latest
            ? Existing(function, reference)
            : throw LambdaException.InvalidParameter("This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.");

    /// <summary>The revision that a qualifier shows: of an alias with two versions the first.</summary>
    public static Revision? RevisionOf(Function function, string? qualifier) => function.Resolve(qualifier, 1);

    /// <summary>The ARN as the caller named it, with the qualifier if it gave one.</summary>
    public static string ArnOf(in FunctionRef reference) => ArnOf(reference.Key, reference.Qualifier);

    /// <summary>The ARN of a function, its version or its alias.</summary>
    public static string ArnOf(in FunctionKey key, string? qualifier) => qualifier is null ? key.Arn : $"{key.Arn}:{qualifier}";

    /// <summary>A moment as most of the Lambda API writes it.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture);

    /// <summary>The caller's revision id, when it gave one, must be the newest.</summary>
    public static void CheckRevision(string? given, string newest)
    {
        if (given is not null && given != newest)
        {
            throw new LambdaException(412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id");
        }
    }

    /// <summary>What names the code of a revision: of an image its digest.</summary>
    public static string CodeSha256Of(Revision revision) => revision.Config.Image is null ? revision.Code.Sha256Base64 : revision.Code.Sha256;

    /// <summary>FunctionConfiguration.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="arn">Its ARN, qualified or not.</param>
    /// <param name="state">Its state; <see langword="null"/> in lists, which show none.</param>
    public static FunctionConfigurationJson Configuration(Revision revision, string arn, FunctionStateJson? state)
    {
        var config = revision.Config;
        return new()
        {
            FunctionName = revision.Function.Name,
            FunctionArn = arn,
            Runtime = config.Image is null ? config.Runtime : null,
            Role = config.Role,
            Handler = config.Image is null ? config.Handler : null,
            CodeSize = config.Image is null ? revision.Code.Size : 0,
            Description = config.Description,
            Timeout = config.TimeoutSeconds,
            MemorySize = config.MemoryMb,
            LastModified = Stamp(revision.LastModified),
            CodeSha256 = CodeSha256Of(revision),
            Version = revision.Version,
            Environment = config.Environment.IsEmpty ? null : new(config.Environment),
            TracingConfig = new(config.Tracing ?? "PassThrough"),
            RevisionId = revision.RevisionId,
            Layers = revision.Layers.IsEmpty ? null : [.. config.Layers.Zip(revision.Layers, static (layer, code) => new FunctionLayerJson(layer, code.Size))],
            State = state?.State,
            StateReason = state?.StateReason,
            StateReasonCode = state?.StateReasonCode,
            LastUpdateStatus = state?.LastUpdateStatus,
            LastUpdateStatusReason = state?.LastUpdateStatusReason,
            LastUpdateStatusReasonCode = state?.LastUpdateStatusReasonCode,
            PackageType = config.Image is null ? "Zip" : "Image",
            ImageConfigResponse = ImageChecks.Shown(config.Image),
            Architectures = config.Architectures,
            EphemeralStorage = new(config.EphemeralStorageMb),
            SnapStart = new(config.SnapStart ?? "None", "Off"),
            RuntimeVersionConfig = state is null || config.Image is not null ? null : new(RuntimeBuild(revision.Function.Region, config.Runtime)),
            LoggingConfig = Logging(revision.Function, config.Logging),
            VpcConfig = config.Vpc is { } vpc ? new(vpc.SubnetIds, vpc.SecurityGroupIds, "", vpc.Ipv6AllowedForDualStack) : null,
            DeadLetterConfig = config.DeadLetterArn is { } target ? new(target) : null,
            KMSKeyArn = config.KmsKeyArn,
            FileSystemConfigs = config.FileSystems.IsEmpty ? null : [.. config.FileSystems.Select(static system => new FileSystemConfigJson(system.Arn, system.LocalMountPath))],
        };
    }

    private static LoggingConfigJson Logging(FunctionKey function, LoggingSettings? logging) => new(
        logging?.Format ?? "Text",
        logging?.ApplicationLevel,
        logging?.SystemLevel,
        logging?.Group ?? $"/aws/lambda/{function.Name}");

    // AWS names a build by a hash; ours is made from the runtime's name.
    private static string RuntimeBuild(string region, string runtime) =>
        $"arn:aws:lambda:{region}::runtime:{RuntimeBuilds.GetOrAdd(runtime, static name => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))))}";
}

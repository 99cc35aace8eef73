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
    /// <exception cref="LambdaException">Not found, or no such version.</exception>
    public static Function Existing(this FunctionTable table, in FunctionRef reference) =>
        Existing(table.Current.Functions.GetValueOrDefault(reference.Key), reference);

    /// <summary>The same for a function that was looked up already.</summary>
    public static Function Existing(Function? function, in FunctionRef reference) =>
        function is not null && (reference.Qualifier is null or Revision.Latest) ? function : throw NotFound(reference);

    /// <summary>The ARN as the caller named it, with the qualifier if it gave one.</summary>
    public static string ArnOf(in FunctionRef reference) =>
        reference.Qualifier is null ? reference.Key.Arn : $"{reference.Key.Arn}:{reference.Qualifier}";

    /// <summary>FunctionConfiguration.</summary>
    /// <param name="function">The function.</param>
    /// <param name="arn">Its ARN, qualified or not.</param>
    /// <param name="whole">Whether to show its state; lists do not.</param>
    public static FunctionConfigurationJson Configuration(Function function, string arn, bool whole = true)
    {
        var (revision, config) = (function.Latest, function.Latest.Config);
        return new()
        {
            FunctionName = function.Key.Name,
            FunctionArn = arn,
            Runtime = config.Runtime,
            Role = config.Role,
            Handler = config.Handler,
            CodeSize = revision.Code.Size,
            Description = config.Description,
            Timeout = config.TimeoutSeconds,
            MemorySize = config.MemoryMb,
            LastModified = revision.LastModified.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture),
            CodeSha256 = revision.Code.Sha256Base64,
            Version = revision.Version,
            Environment = config.Environment.IsEmpty ? null : new(config.Environment),
            TracingConfig = new("PassThrough"),
            RevisionId = revision.Id,
            State = whole ? "Active" : null,
            LastUpdateStatus = whole ? "Successful" : null,
            PackageType = "Zip",
            Architectures = config.Architectures,
            EphemeralStorage = new(config.EphemeralStorageMb),
            SnapStart = new("None", "Off"),
            RuntimeVersionConfig = whole ? new(RuntimeBuild(function.Key.Region, config.Runtime)) : null,
            LoggingConfig = new("Text", $"/aws/lambda/{function.Key.Name}"),
        };
    }

    private static LambdaException NotFound(in FunctionRef reference) => LambdaException.NotFound(ArnOf(reference));

    // AWS names a build by a hash; ours is made from the runtime's name.
    private static string RuntimeBuild(string region, string runtime) =>
        $"arn:aws:lambda:{region}::runtime:{RuntimeBuilds.GetOrAdd(runtime, static name => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))))}";
}

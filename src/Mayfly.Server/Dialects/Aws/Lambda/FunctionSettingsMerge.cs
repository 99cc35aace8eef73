using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Lays what a request sets over what a function has. What the request leaves out stays as it is.</summary>
internal static class FunctionSettingsMerge
{
    public static FunctionConfig Over(this FunctionSettings settings, FunctionConfig old) => old with
    {
        Runtime = settings.Runtime ?? old.Runtime,
        Role = settings.Role ?? old.Role,
        Handler = settings.Handler ?? old.Handler,
        Description = settings.Description ?? old.Description,
        TimeoutSeconds = settings.Timeout ?? old.TimeoutSeconds,
        MemoryMb = settings.MemorySize ?? old.MemoryMb,
        EphemeralStorageMb = settings.EphemeralStorage?.Size ?? old.EphemeralStorageMb,
        Environment = settings.Environment is { } environment ? Sorted(environment.Variables) : old.Environment,
        Layers = settings.Layers is { } layers ? [.. layers] : old.Layers,
        Tracing = settings.TracingConfig?.Mode ?? old.Tracing,
        KmsKeyArn = Set(settings.KMSKeyArn, old.KmsKeyArn),
        DeadLetterArn = settings.DeadLetterConfig is { } deadLetters ? DeadLetter(deadLetters.TargetArn) : old.DeadLetterArn,
        SnapStart = settings.SnapStart?.ApplyOn ?? old.SnapStart,
        Logging = settings.LoggingConfig is { } logging ? Over(logging, old.Logging) : old.Logging,
        Vpc = settings.VpcConfig is { } vpc ? Over(vpc, old.Vpc) : old.Vpc,
        FileSystems = settings.FileSystemConfigs is { } systems ? [.. systems.Select(static system => new FileSystemMount(system.Arn ?? "", system.LocalMountPath ?? ""))] : old.FileSystems,
    };

    public static ImmutableSortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? values) =>
        values is null
            ? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            : values.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Refuses settings that would change what the function is, and that this server cannot give it.</summary>
    public static void RefuseWhatIsNotServed(FunctionSettings settings)
    {
        void Refuse(bool given, string what)
        {
            if (given)
            {
                throw LambdaException.NotServed(what);
            }
        }

        var create = settings as CreateFunctionRequest;
        Refuse(create?.PublishTo is not null, "PublishTo");
        Refuse(IsGiven(settings.DurableConfig), "DurableConfig");
        Refuse(IsGiven(settings.CapacityProviderConfig), "CapacityProviderConfig");
        Refuse(IsGiven(create?.TenancyConfig), "TenancyConfig");
    }

    private static bool IsGiven(JsonElement? element) => element is { ValueKind: JsonValueKind.Object } given && given.EnumerateObject().Any();

    private static string? Set(string? given, string? old) => given is null ? old : given.Length == 0 ? null : given;

    private static string? DeadLetter(string? target) => target switch
    {
        null or "" => null,
        _ when target.Split(':') is [_, _, "sqs" or "sns", ..] => target,
        _ => throw LambdaException.InvalidParameter($"The provided dead letter target {target} is neither an SQS queue nor an SNS topic."),
    };

    // With JSON both levels default to INFO; with text there are none.
    private static LoggingSettings Over(LoggingConfigJson given, LoggingSettings? old)
    {
        var format = given.LogFormat ?? old?.Format ?? "Text";
        if (format != "JSON" && (given.ApplicationLogLevel ?? given.SystemLogLevel) is not null)
        {
            throw LambdaException.InvalidParameter("ApplicationLogLevel and SystemLogLevel can only be set when LogFormat is JSON.");
        }

        return new()
        {
            Format = format,
            ApplicationLevel = format == "JSON" ? given.ApplicationLogLevel ?? old?.ApplicationLevel ?? "INFO" : null,
            SystemLevel = format == "JSON" ? given.SystemLogLevel ?? old?.SystemLevel ?? "INFO" : null,
            Group = Set(given.LogGroup, old?.Group),
        };
    }

    private static VpcSettings? Over(VpcConfigJson given, VpcSettings? old)
    {
        var vpc = new VpcSettings
        {
            SubnetIds = given.SubnetIds is null ? old?.SubnetIds ?? [] : [.. given.SubnetIds],
            SecurityGroupIds = given.SecurityGroupIds is null ? old?.SecurityGroupIds ?? [] : [.. given.SecurityGroupIds],
            Ipv6AllowedForDualStack = given.Ipv6AllowedForDualStack ?? old?.Ipv6AllowedForDualStack ?? false,
        };
        return vpc.SubnetIds.IsEmpty && vpc.SecurityGroupIds.IsEmpty ? null : vpc;
    }
}

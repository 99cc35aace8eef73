using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Lays what a request sets over what a function has. What the request leaves out stays as it is.</summary>
internal static class FunctionSettingsMerge
{
    public static FunctionConfig Over(this FunctionSettings settings, FunctionConfig old)
    {
        RefuseWhatIsNotServed(settings);
        return old with
        {
            Runtime = settings.Runtime ?? old.Runtime,
            Role = settings.Role ?? old.Role,
            Handler = settings.Handler ?? old.Handler,
            Description = settings.Description ?? old.Description,
            TimeoutSeconds = settings.Timeout ?? old.TimeoutSeconds,
            MemoryMb = settings.MemorySize ?? old.MemoryMb,
            EphemeralStorageMb = settings.EphemeralStorage?.Size ?? old.EphemeralStorageMb,
            Environment = settings.Environment is { } environment ? Sorted(environment.Variables) : old.Environment,
        };
    }

    public static ImmutableSortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? values) =>
        values is null
            ? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            : values.ToImmutableSortedDictionary(StringComparer.Ordinal);

    // Settings without effect here (VpcConfig, TracingConfig, …) are let through; those whose absence would change
    // what the function does are refused.
    private static void RefuseWhatIsNotServed(FunctionSettings settings)
    {
        if (settings.Layers is { ValueKind: JsonValueKind.Array } layers && layers.GetArrayLength() > 0)
        {
            throw LambdaException.NotServed("Layers");
        }

        if (settings.FileSystemConfigs is { ValueKind: JsonValueKind.Array } systems && systems.GetArrayLength() > 0)
        {
            throw LambdaException.NotServed("FileSystemConfigs");
        }

        if (settings.ImageConfig is { ValueKind: JsonValueKind.Object } image && image.EnumerateObject().Any())
        {
            throw LambdaException.NotServed("ImageConfig");
        }

        if (!string.IsNullOrEmpty(settings.DeadLetterConfig?.TargetArn))
        {
            throw LambdaException.NotServed("DeadLetterConfig");
        }

        if (settings.SnapStart?.ApplyOn is not (null or "None"))
        {
            throw LambdaException.NotServed("SnapStart");
        }
    }
}

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Mayfly.Server.Functions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>The settings that a function has in the same words as the provider, whose stand in for those that it lacks.</summary>
internal sealed partial record SharedSettings
{
    /// <summary><c>Active</c> or <c>PassThrough</c>.</summary>
    public string? Tracing { get; init; }

    /// <summary>The key of the environment.</summary>
    public string? KmsKeyArn { get; init; }

    /// <summary>How functions log.</summary>
    public LoggingSettings? Logging { get; init; }

    /// <summary>Security groups of the private network.</summary>
    public ImmutableArray<string>? SecurityGroupIds { get; init; }

    /// <summary>Its subnets.</summary>
    public ImmutableArray<string>? SubnetIds { get; init; }

    /// <summary>Whether IPv6 is used in it.</summary>
    public bool? AllowsIpv6 { get; init; }

    /// <summary>Whether <c>vpc</c> is there and empty: the provider's is not taken.</summary>
    public bool IsWithoutVpc { get; init; }

    /// <summary>Whether a network is named at all, be it one that cannot be known here.</summary>
    public bool HasVpc { get; init; }

    /// <summary>The private network; <see langword="null"/> unless groups and subnets are both there.</summary>
    public VpcSettings? Vpc => SecurityGroupIds is [_, ..] groups && SubnetIds is [_, ..] subnets
        ? new() { SecurityGroupIds = groups, SubnetIds = subnets, Ipv6AllowedForDualStack = AllowsIpv6 == true }
        : null;

    /// <summary>The provider's.</summary>
    public static SharedSettings OfProvider(Section provider, ValueMaps maps)
    {
        var tracing = provider.Child("tracing");
        tracing?.Check(KnownKeys.ProviderTracing);
        var logs = provider.Child("logs");
        logs?.Check(KnownKeys.ProviderLogs);
        return WithVpc(provider, maps) with
        {
            Tracing = tracing is null ? null : ReadTracing(tracing, "lambda"),
            KmsKeyArn = maps.Known(provider, "kmsKeyArn", KeyArn(), "the ARN of a KMS key"),
            Logging = logs?.Child("lambda") is { } lambda ? ReadLogging(lambda) : null,
        };
    }

    /// <summary>A function's, the provider's where it says nothing.</summary>
    public static SharedSettings OfFunction(Section function, ValueMaps maps, SharedSettings provider)
    {
        var own = WithVpc(function, maps);
        return own with
        {
            Tracing = ReadTracing(function, "tracing") ?? provider.Tracing,
            KmsKeyArn = maps.Known(function, "kmsKeyArn", KeyArn(), "the ARN of a KMS key") ?? maps.Known(function, "awsKmsKeyArn", KeyArn(), "the ARN of a KMS key") ?? provider.KmsKeyArn,
            Logging = function.Child("logs") is { } logs ? ReadLogging(logs) : provider.Logging,
            SecurityGroupIds = own.IsWithoutVpc ? null : own.SecurityGroupIds ?? provider.SecurityGroupIds,
            SubnetIds = own.IsWithoutVpc ? null : own.SubnetIds ?? provider.SubnetIds,
            AllowsIpv6 = own.AllowsIpv6 ?? provider.AllowsIpv6,
            HasVpc = own.HasVpc || (provider.HasVpc && !own.IsWithoutVpc),
        };
    }

    private static SharedSettings WithVpc(Section owner, ValueMaps maps)
    {
        if (owner.Entries.All(static entry => entry.Key != "vpc"))
        {
            return new();
        }

        if (owner.Raw("vpc") is null or ScalarNode { Type: ScalarType.Boolean, Text: "false" })
        {
            return new() { IsWithoutVpc = true };
        }

        if (maps.KnownMap(owner, "vpc") is not { } vpc)
        {
            return new() { HasVpc = true };
        }

        vpc.Check(KnownKeys.Vpc);
        return new()
        {
            HasVpc = true,
            SecurityGroupIds = maps.KnownList(vpc, "securityGroupIds", 5, SecurityGroup(), "the id of a security group such as sg-0a1b2c"),
            SubnetIds = maps.KnownList(vpc, "subnetIds", 16, Subnet(), "the id of a subnet such as subnet-0a1b2c"),
            AllowsIpv6 = vpc.Flag("ipv6AllowedForDualStack"),
        };
    }

    // "false" is the same as silence, as it is for Serverless.
    private static string? ReadTracing(Section owner, string key) => owner.Get(key) switch
    {
        ScalarNode { Text: "true" } => "Active",
        ScalarNode { Text: "false" } => null,
        _ => owner.Choice(key, "Active", "PassThrough"),
    };

    private static LoggingSettings? ReadLogging(Section logs)
    {
        logs.Check(KnownKeys.Logs);
        var isJson = logs.Choice("logFormat", "JSON", "Text") == "JSON";
        var application = logs.Choice("applicationLogLevel", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL");
        var system = logs.Choice("systemLogLevel", "DEBUG", "INFO", "WARN");
        if (!isJson && (application ?? system) is not null)
        {
            throw logs.Error(application is null ? "systemLogLevel" : "applicationLogLevel", "needs logFormat: JSON beside it; plain text has no levels.");
        }

        return new()
        {
            Format = isJson ? "JSON" : "Text",
            ApplicationLevel = isJson ? application ?? "INFO" : null,
            SystemLevel = isJson ? system ?? "INFO" : null,
            Group = logs.Text("logGroup", LogGroup(), "letters, digits and . - _ / # only, at most 512"),
        };
    }

    [GeneratedRegex(@"^arn:aws[a-zA-Z-]*:kms:.+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyArn();

    [GeneratedRegex(@"^sg-[0-9a-zA-Z]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecurityGroup();

    [GeneratedRegex(@"^subnet-[0-9a-zA-Z]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Subnet();

    [GeneratedRegex(@"^[.\-_/#A-Za-z0-9]{1,512}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LogGroup();
}

using System.Globalization;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Reads which layer a request names, and shows layers as the Lambda API does.</summary>
internal static class LayerAnswers
{
    /// <summary>The layer that the path names, by name or by ARN.</summary>
    public static LayerKey Layer(this LambdaCall call) =>
        LayerVersionRef.IsName(call.Path[2]) ? new(call.Scope.Account, call.Scope.Region, call.Path[2])
        : LayerVersionRef.TryParse(call.Path[2], out var layer, out var number) && number is null ? layer
        : throw NotThere();

    /// <summary>The version that the path names.</summary>
    public static LayerVersionRef LayerVersion(this LambdaCall call)
    {
        var layer = call.Layer();
        return long.TryParse(call.Path[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? new LayerVersionRef(layer, number)
            : throw LambdaException.InvalidParameter("Layer Version Cannot be less than 1");
    }

    /// <summary>The error that a layer version is not there, where the request is about the version.</summary>
    public static LambdaException NotThere() => new(404, "ResourceNotFoundException", "The resource you requested does not exist.");

    /// <summary>The error that a layer version is not there, where the request is about its policy.</summary>
    public static LambdaException NotThere(LayerVersionRef reference) => new(404, "ResourceNotFoundException", $"Layer version {reference.Arn} does not exist.");

    /// <summary>The error that an account has no part in another's layer.</summary>
    public static LambdaException NotAllowed(string account, string arn) => new(
        403,
        "AccessDeniedException",
        $"User: arn:aws:iam::{account}:root is not authorized to perform: lambda:GetLayerVersion on resource: {arn} because no resource-based policy allows the lambda:GetLayerVersion action");

    /// <summary>Whether an account may use a version: its owner may, others when its policy lets them.</summary>
    public static bool IsOpenTo(this LayerVersion version, string account) =>
        version.Ref.Layer.Account == account || version.Permissions.Any(statement => statement.Allows(account));

    /// <summary>A version with its content.</summary>
    public static LayerVersionAnswer Whole(LayerVersion version, ServerSettings settings) => new()
    {
        Content = new(settings.BaseUrl + LambdaOperations.CodePath + version.Code.Sha256, version.Code.Sha256Base64, version.Code.Size),
        LayerArn = version.Ref.Layer.Arn,
        LayerVersionArn = version.Ref.Arn,
        Version = version.Ref.Number,
        Description = version.Description,
        CreatedDate = FunctionAnswers.Stamp(version.Created),
        CompatibleRuntimes = version.CompatibleRuntimes,
        CompatibleArchitectures = version.CompatibleArchitectures,
        LicenseInfo = version.License,
    };

    /// <summary>A version in a list.</summary>
    public static LayerVersionItem Item(LayerVersion version) => new()
    {
        LayerVersionArn = version.Ref.Arn,
        Version = version.Ref.Number,
        Description = version.Description,
        CreatedDate = FunctionAnswers.Stamp(version.Created),
        CompatibleRuntimes = version.CompatibleRuntimes,
        CompatibleArchitectures = version.CompatibleArchitectures,
        LicenseInfo = version.License,
    };
}

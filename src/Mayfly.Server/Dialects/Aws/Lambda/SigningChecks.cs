using Mayfly.Server.Functions;
using Mayfly.Server.Functions.CodeSigning;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Whether a function's code signing configuration lets new code or layers in. Nothing that comes here is signed.</summary>
internal sealed class SigningChecks(CodeSigningRegistry registry)
{
    /// <summary>The configuration that a function is to have.</summary>
    public CodeSigningConfig Existing(string arn, FunctionKey function) =>
        registry.Current.GetValueOrDefault(arn) is { } config && config.Account == function.Account && config.Region == function.Region
            ? config
            : throw new LambdaException(404, "CodeSigningConfigNotFoundException", $"The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}.");

    /// <summary>Refuses unsigned code where the configuration enforces signatures.</summary>
    /// <param name="arn">The function's configuration; <see langword="null"/> for none.</param>
    /// <param name="function">The function.</param>
    public void RefuseUnsigned(string? arn, FunctionKey function)
    {
        if (arn is not null && registry.Current.GetValueOrDefault(arn) is { IsEnforced: true })
        {
            throw new LambdaException(400, "CodeVerificationFailedException", $"Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not configured to accept. Check the provided signature for {function.Name}.");
        }
    }
}

using System.Security.Cryptography;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions.CodeSigning;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateCodeSigningConfig, GetCodeSigningConfig, UpdateCodeSigningConfig, DeleteCodeSigningConfig, ListCodeSigningConfigs.</summary>
internal sealed class CodeSigningResource(CodeSigningRegistry registry, TimeProvider time)
{
    private const int PageSize = 50;

    public async Task CreateAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.CodeSigningRequest);
        var made = new CodeSigningConfig
        {
            Account = call.Scope.Account,
            Region = call.Scope.Region,
            Id = "csc-" + RandomNumberGenerator.GetString("0123456789abcdef", 17),
            Description = request.Description,
            Publishers = [.. request.AllowedPublishers!.SigningProfileVersionArns!],
            UntrustedArtifact = request.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? CodeSigningConfig.Warn,
            LastModified = time.GetUtcNow(),
        };
        await registry.ChangeAsync(made.Arn, _ => made, call.Aborted);
        await call.AnswerAsync(201, new(Shown(made)), LambdaJson.Default.CodeSigningAnswer);
    }

    public Task GetAsync(LambdaCall call) => call.AnswerAsync(200, new(Shown(Existing(call))), LambdaJson.Default.CodeSigningAnswer);

    public async Task UpdateAsync(LambdaCall call)
    {
        var arn = Existing(call).Arn;
        var request = await call.ReadAsync(LambdaJson.Default.CodeSigningRequest);
        var changed = await registry.ChangeAsync(
            arn,
            existing => (existing ?? throw NotThere(arn)) with
            {
                Description = request.Description ?? existing.Description,
                Publishers = request.AllowedPublishers?.SigningProfileVersionArns is { Count: > 0 } publishers ? [.. publishers] : existing.Publishers,
                UntrustedArtifact = request.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? existing.UntrustedArtifact,
                LastModified = time.GetUtcNow(),
            },
            call.Aborted);
        await call.AnswerAsync(200, new(Shown(changed)), LambdaJson.Default.CodeSigningAnswer);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var arn = Existing(call).Arn;
        var users = await registry.RemoveAsync(arn, call.Aborted);
        if (users.Count > 0)
        {
            throw LambdaException.Conflict($"The code signing configuration {arn} cannot be deleted: it is in use by {users.Count} function{(users.Count == 1 ? "" : "s")}, for example {users[0].Arn}.");
        }

        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var configs = registry.Current.Values.Where(config => config.Account == call.Scope.Account && config.Region == call.Scope.Region);
        var page = Paging.Page(call, [.. configs], static config => config.Arn, PageSize, out var next);
        return call.AnswerAsync(200, new(next, [.. page.Select(Shown)]), LambdaJson.Default.ListCodeSigningConfigsAnswer);
    }

    /// <summary>The configuration that the path names, which belongs to the caller's account and region.</summary>
    public CodeSigningConfig Existing(LambdaCall call)
    {
        var arn = call.Path[2];
        return registry.Current.GetValueOrDefault(arn) is { } config && config.Account == call.Scope.Account && config.Region == call.Scope.Region
            ? config
            : throw NotThere(arn);
    }

    private static LambdaException NotThere(string arn) => new(404, "ResourceNotFoundException", $"The Lambda code signing configuration {arn} can not be found.");

    private static CodeSigningConfigJson Shown(CodeSigningConfig config) => new()
    {
        CodeSigningConfigId = config.Id,
        CodeSigningConfigArn = config.Arn,
        Description = config.Description,
        AllowedPublishers = new(config.Publishers),
        CodeSigningPolicies = new(config.UntrustedArtifact ?? CodeSigningConfig.Warn),
        LastModified = FunctionAnswers.Stamp(config.LastModified),
    };
}

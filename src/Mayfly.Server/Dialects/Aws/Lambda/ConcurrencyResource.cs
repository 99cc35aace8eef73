using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency. A change keeps the revision: no instance restarts for it.</summary>
internal sealed class ConcurrencyResource(FunctionRegistry registry)
{
    private const int MinUnreserved = 100;

    public async Task PutAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.ConcurrencyJson);
        if (request.ReservedConcurrentExecutions is not (>= 0 and var reserved))
        {
            throw LambdaException.Validation(FunctionChecks.Failure(
                request.ReservedConcurrentExecutions?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null",
                "reservedConcurrentExecutions",
                "Member must have value greater than or equal to 0"));
        }

        await ChangeAsync(call, reserved);
        await call.AnswerAsync(200, new(reserved), LambdaJson.Default.ConcurrencyJson);
    }

    public Task GetAsync(LambdaCall call) =>
        call.AnswerAsync(200, new(registry.Table.Existing(call.Function()).Latest.Config.ReservedConcurrency), LambdaJson.Default.ConcurrencyJson);

    public async Task DeleteAsync(LambdaCall call)
    {
        await ChangeAsync(call, null);
        await call.NothingAsync();
    }

    /// <summary>How much of an account's concurrency its functions have reserved in a region.</summary>
    public static int Reserved(IEnumerable<Function> functions) => functions.Sum(f => f.Latest.Config.ReservedConcurrency ?? 0);

    private Task ChangeAsync(LambdaCall call, int? reserved)
    {
        var reference = call.Function();
        return registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                var others = registry.Table.Current.Functions.Values.Where(f => f.Key != reference.Key && f.Key.Account == reference.Key.Account && f.Key.Region == reference.Key.Region);
                if (reserved > 0 && Reserved(others) + reserved > InvocationLimits.AccountConcurrency - MinUnreserved)
                {
                    throw LambdaException.InvalidParameter($"Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{MinUnreserved}].");
                }

                return function with { Latest = function.Latest with { Config = function.Latest.Config with { ReservedConcurrency = reserved } } };
            },
            call.Aborted);
    }
}

using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency. A change keeps the revision: no instance restarts for it.</summary>
internal sealed class ConcurrencyResource(FunctionRegistry registry)
{
    public async Task PutAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.ConcurrencyJson);
        var reserved = request.ReservedConcurrentExecutions!.Value;
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

    /// <summary>How much of an account's concurrency its functions have taken for themselves in a region. Instances that are kept started count within what the function reserves.</summary>
    public static int Reserved(IEnumerable<Function> functions) => functions.Sum(static f => f.OwnConcurrency);

    /// <summary>The other functions of an account and region.</summary>
    public static IEnumerable<Function> Others(FunctionSnapshot snapshot, FunctionKey key) =>
        snapshot.Functions.Values.Where(f => f.Key != key && f.Key.Account == key.Account && f.Key.Region == key.Region);

    private Task ChangeAsync(LambdaCall call, int? reserved)
    {
        var reference = call.Function();
        return registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Whole(existing, reference);
                if (reserved > 0 && Reserved(Others(registry.Table.Current, reference.Key)) + reserved > InvocationLimits.AccountConcurrency - InvocationLimits.MinUnreserved)
                {
                    throw LambdaException.InvalidParameter($"Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{InvocationLimits.MinUnreserved}].");
                }

                if (reserved < function.Provisioned)
                {
                    throw LambdaException.InvalidParameter($" ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency [{function.Provisioned}].");
                }

                return function with { Latest = function.Latest with { Config = function.Latest.Config with { ReservedConcurrency = reserved } } };
            },
            call.Aborted);
    }
}

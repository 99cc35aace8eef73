using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads which alias a function gets: that of its provisioned concurrency, or that of its snapshots.</summary>
internal static partial class ReleaseReader
{
    /// <summary>Reads it.</summary>
    /// <param name="function">The function.</param>
    public static DeployedAlias? Read(Section function)
    {
        const string Key = "provisionedConcurrency";
        var (provisioned, name) = (default(int?), "provisioned");
        if (function.Head(Key) is MapNode)
        {
            var section = function.Child(Key)!;
            section.Check(KnownKeys.ProvisionedConcurrency);
            provisioned = section.Integer("executions", 0, 1000) ?? throw section.Error("executions", "is missing; write how many instances are kept started, for example executions: 2.");
            name = section.Text("alias", AliasName(), "letters, digits, - and _ only, not digits alone, at most 128") ?? name;
        }
        else
        {
            provisioned = function.Integer(Key, 0, 1000);
        }

        if (provisioned > function.Integer("reservedConcurrency", 0, int.MaxValue))
        {
            throw function.Error(Key, $"{provisioned} is more than what reservedConcurrency leaves to the function.");
        }

        var hasSnapshots = function.Flag("snapStart") == true;
        return (provisioned > 0, hasSnapshots) switch
        {
            (true, true) => throw function.Error("snapStart", $"does not go together with {Key}; remove one of them."),
            (true, false) => new(name, provisioned),
            (false, true) => new("snapstart", null),
            _ => null,
        };
    }

    [GeneratedRegex(@"^(?![0-9]+\z)[A-Za-z0-9_-]{1,128}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AliasName();
}

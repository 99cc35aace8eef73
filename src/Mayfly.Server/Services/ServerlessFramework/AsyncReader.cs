using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads what becomes of a function's asynchronous invocations.</summary>
/// <param name="maps">Reads what may hold CloudFormation functions.</param>
/// <param name="keys">The keys of all functions.</param>
/// <param name="target">What a function is deployed as, its alias included, by its key; <see langword="null"/> when there is no such key.</param>
internal sealed class AsyncReader(ValueMaps maps, IReadOnlyCollection<string> keys, Func<string, string?> target)
{
    /// <summary>Reads it.</summary>
    /// <param name="function">The function.</param>
    /// <param name="key">Its key.</param>
    /// <returns><see langword="null"/> when the manifest says nothing of it.</returns>
    public DeployedAsync? Read(Section function, string key)
    {
        var destinations = maps.KnownMap(function, "destinations");
        destinations?.Check(KnownKeys.Destinations);
        var settings = new DeployedAsync
        {
            MaximumRetryAttempts = function.Integer("maximumRetryAttempts", 0, 2),
            MaximumEventAgeSeconds = function.Integer("maximumEventAge", 60, 21_600, " seconds"),
            OnSuccess = destinations is null ? null : Destination(destinations, "onSuccess", key),
            OnFailure = destinations is null ? null : Destination(destinations, "onFailure", key),
        };
        return settings == new DeployedAsync() ? null : settings;
    }

    private string? Destination(Section destinations, string key, string self)
    {
        if (maps.IsMap(destinations, key))
        {
            return Described(destinations.Child(key)!, key);
        }

        if (maps.Known(destinations, key) is not { } text)
        {
            return null;
        }

        if (text.StartsWith("arn:", StringComparison.Ordinal))
        {
            return Checked(destinations, key, text, key);
        }

        if (text == self)
        {
            throw destinations.Error(key, "a function cannot be its own destination.");
        }

        return target(text) ?? throw destinations.Error(key, $"\"{text}\" is neither an ARN nor a function of this service{(NearestName.Hint(text, keys) is { Length: > 0 } hint ? hint : $"; its functions are {string.Join(", ", keys)}.")}");
    }

    private string? Described(Section destination, string side)
    {
        destination.Check(KnownKeys.Destination);
        var type = destination.Choice("type", "function", "sns", "sqs", "eventBus") ?? throw destination.Error("type", "is missing; it is function, sns, sqs or eventBus.");
        if (destination.Raw("arn") is null)
        {
            throw destination.Error("arn", "is missing.");
        }

        var service = type switch { "function" => "lambda", "eventBus" => "events", _ => type };
        return maps.Known(destination, "arn") is not { } arn ? null
            : arn.Split(':') is ["arn", _, var given, ..] && given != service ? throw destination.Error("arn", $"\"{arn}\" is not of the type {type}.")
            : Checked(destination, "arn", arn, side);
    }

    private static string Checked(Section owner, string key, string arn, string side) =>
        arn.Split(':') is ["arn", _, var service, _, _, _, ..] && (service is "lambda" or "sqs" or "sns" or "events" || (service == "s3" && side == "onFailure"))
            ? arn
            : throw owner.Error(key, $"\"{arn}\" is no destination: it is the ARN of a function, queue, topic or event bus, or a function's key.");
}

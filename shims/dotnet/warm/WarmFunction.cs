using Amazon.Lambda.Core;

namespace Mayfly.Shims.DotNet.Warm;

/// <summary>What a stem runs before there is a function: the shapes that handlers have most.</summary>
public sealed class WarmFunction
{
    /// <summary>Bytes in, bytes out.</summary>
    public Stream Bytes(Stream input)
    {
        var copy = new MemoryStream();
        input.CopyTo(copy);
        return copy;
    }

    /// <summary>Objects, by System.Text.Json.</summary>
    public static WarmAnswer Objects(WarmEvent input) => new(input.Name, input.Numbers.Length);

    /// <summary>Records, which are made by their constructors.</summary>
    public static WarmAnswer Records(WarmRecord input) => new(input.Name, input.Id);

    /// <summary>The context, a log line, and an answer that comes later.</summary>
    public async Task<WarmAnswer> Later(WarmEvent input, ILambdaContext context)
    {
        await Task.Yield();
        context.Logger.LogLine(context.AwsRequestId);
        Console.WriteLine(input.Name);
        return new(context.FunctionName, (int)context.RemainingTime.TotalSeconds);
    }

    /// <summary>A serializer of the function's own.</summary>
    [LambdaSerializer(typeof(WarmSerializer))]
    public WarmAnswer Custom(WarmEvent input) => new(input.Name, input.Numbers.Length);
}

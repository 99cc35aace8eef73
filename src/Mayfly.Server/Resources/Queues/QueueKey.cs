namespace Mayfly.Server.Resources.Queues;

/// <summary>The unique name of a queue.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 80 characters; that of a FIFO queue ends in <c>.fifo</c>.</param>
public readonly record struct QueueKey(string Account, string Region, string Name)
{
    /// <summary>How the names of FIFO queues end.</summary>
    public const string FifoSuffix = ".fifo";

    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:sqs:{Region}:{Account}:{Name}";

    /// <summary>Whether it keeps the order of its messages.</summary>
    public bool IsFifo => Name.EndsWith(FifoSuffix, StringComparison.Ordinal);

    /// <summary>Reads the ARN of a queue.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out QueueKey key)
    {
        var parts = arn.Split(':');
        var isQueue = parts is ["arn", _, "sqs", { Length: > 0 }, { Length: > 0 }, { Length: > 0 }];
        key = isQueue ? new(parts[4], parts[3], parts[5]) : default;
        return isQueue;
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}

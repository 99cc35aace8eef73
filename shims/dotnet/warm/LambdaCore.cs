// The package's types by which handlers are known, as far as a stem's function uses them.
namespace Amazon.Lambda.Core;

/// <summary>The context.</summary>
public interface ILambdaContext
{
    /// <summary>The request.</summary>
    string AwsRequestId { get; }

    /// <summary>The function.</summary>
    string FunctionName { get; }

    /// <summary>The time left.</summary>
    TimeSpan RemainingTime { get; }

    /// <summary>The log.</summary>
    ILambdaLogger Logger { get; }
}

/// <summary>The log.</summary>
public interface ILambdaLogger
{
    /// <summary>Writes a line.</summary>
    void LogLine(string message);
}

/// <summary>A serializer.</summary>
public interface ILambdaSerializer
{
    /// <summary>Reads an event.</summary>
    T Deserialize<T>(Stream requestStream);

    /// <summary>Writes an answer.</summary>
    void Serialize<T>(T response, Stream responseStream);
}

/// <summary>Names a serializer.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LambdaSerializerAttribute(Type serializerType) : Attribute
{
    /// <summary>Its type.</summary>
    public Type SerializerType { get; } = serializerType;
}

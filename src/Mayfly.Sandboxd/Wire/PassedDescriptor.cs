using System.Text.Json.Serialization;

namespace Mayfly.Sandboxd.Wire;

/// <summary>What a descriptor that sandboxd passes is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PassedDescriptor>))]
public enum PassedDescriptor
{
    /// <summary>The read end of the pipe that carries standard output and error; it does not block.</summary>
    Output,

    /// <summary>The server's end of the stream socket that is descriptor 3 inside.</summary>
    Channel,

    /// <summary>The socket that listens on <c>127.0.0.1:9001</c> of the sandbox's own network.</summary>
    Listener,

    /// <summary>A cgroup file that tells the highest memory use so far, in bytes.</summary>
    PeakMemory,
}

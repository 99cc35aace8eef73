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

    /// <summary>The socket that listens on <c>127.0.0.1:4566</c> of the sandbox's own network.</summary>
    Doors,

    /// <summary>The UDP socket that gets the sandbox's questions for names, where the machine's name servers are out of its reach.</summary>
    NameDatagrams,

    /// <summary>The socket that listens for them on TCP.</summary>
    NameConnections,

    /// <summary>A cgroup file that tells the highest memory use so far, in bytes.</summary>
    PeakMemory,

    /// <summary>The read end of the pipe that is descriptor 4 inside, for what extensions print; it does not block.</summary>
    ExtensionOutput,

    /// <summary>The server's end of the stream socket that is descriptor 5 inside, for the program that starts the others.</summary>
    Control,

    /// <summary>A version 1 cgroup file: <c>FROZEN</c> stops every process of the sandbox, <c>THAWED</c> lets them run on.</summary>
    FreezerState,

    /// <summary>A version 2 cgroup file: <c>1</c> stops every process of the sandbox, <c>0</c> lets them run on.</summary>
    CgroupFreeze,
}

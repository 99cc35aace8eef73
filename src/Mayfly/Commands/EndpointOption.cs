using System.CommandLine;
using Mayfly.Client;

namespace Mayfly.Commands;

/// <summary><c>--endpoint</c>: which server a command talks to.</summary>
internal sealed class EndpointOption : Option<string?>
{
    public EndpointOption()
        : base("--endpoint")
    {
        Description = "Base URL of the server [default: MAYFLY_ENDPOINT, else the one running in this folder or above]";
        HelpName = "url";
    }

    /// <summary>A client of the server, found from a folder upwards.</summary>
    public AdminClient Connect(ParseResult parsed, string? folder = null) =>
        new(EndpointFinder.Find(parsed.GetValue(this), folder ?? Environment.CurrentDirectory));
}

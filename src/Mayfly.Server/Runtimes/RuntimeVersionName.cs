using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Runtimes;

/// <summary>How AWS Lambda names the version of a runtime, in logs and by ARN.</summary>
public static partial class RuntimeVersionName
{
    /// <summary>For example <c>python:3.12.v1</c> for <c>python3.12</c>.</summary>
    /// <param name="runtime">The runtime's name.</param>
    /// <param name="version">The version that runs, for names without one.</param>
    public static string Of(string runtime, string version)
    {
        var name = Parts().Match(runtime);
        var own = name.Groups["version"].Value;
        return $"{name.Groups["name"].Value}:{(own.Length > 0 ? own : version.Length > 0 ? version : "1")}.v1";
    }

    /// <summary>The ARN of the version of a runtime that runs.</summary>
    public static string Arn(string region, string runtime) =>
        $"arn:aws:lambda:{region}::runtime:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(runtime)))}";

    [GeneratedRegex(@"^(?<name>[a-z]+(core)?)\.?(?<version>.*?)(\.x)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parts();
}

using System.Diagnostics;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>The environment of programs that tests start: nobody's own settings, a home that can be written.</summary>
internal static class Surroundings
{
    private static readonly Lazy<string> Home = new(() =>
    {
        var own = Environment.GetEnvironmentVariable("HOME");
        try
        {
            if (own is { Length: > 0 } && Directory.Exists(own))
            {
                File.WriteAllText(Path.Combine(own, ".mayfly-e2e"), "");
                File.Delete(Path.Combine(own, ".mayfly-e2e"));
                return own;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's.
        }

        return Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "mayfly-e2e-home-" + Environment.UserName)).FullName;
    });

    /// <summary>Sets it up.</summary>
    public static void Apply(ProcessStartInfo start, IReadOnlyDictionary<string, string?>? own)
    {
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("MAYFLY_", StringComparison.Ordinal) || name.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = Home.Value;
        start.Environment["NO_COLOR"] = "1";
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_PAGER"] = "";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        foreach (var (name, value) in own ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }
    }
}

using System.Diagnostics;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>A program that runs to its end.</summary>
public static class Tool
{
    public sealed record Outcome(int Status, string Text, string Error)
    {
        public Outcome ShouldSucceed()
        {
            Status.ShouldBe(0, $"{Text}\n{Error}");
            return this;
        }

        public System.Text.Json.Nodes.JsonNode Json => System.Text.Json.Nodes.JsonNode.Parse(Text)!;
    }

    /// <summary>Runs it. It is killed, and the test fails, when it takes too long.</summary>
    public static async Task<Outcome> RunAsync(string program, IEnumerable<string> arguments, string? input = null, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null, double seconds = 120)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        Surroundings.Apply(start, environment);
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            var text = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await text, await error);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new ShouldAssertException($"{program} {string.Join(' ', start.ArgumentList)} did not end within {seconds} s", e);
        }
    }
}

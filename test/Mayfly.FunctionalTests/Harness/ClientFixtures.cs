namespace Mayfly.FunctionalTests.Harness;

/// <summary>The clients in <c>Fixtures/clients</c>: what they do lies there, not in the tests.</summary>
public static class ClientFixtures
{
    /// <summary>The table of the Lambda API.</summary>
    public static string Model => At("lambda.json");

    /// <summary>The table of the EventBridge Scheduler API.</summary>
    public static string SchedulerModel => At("scheduler.json");

    /// <summary>A file or folder of them.</summary>
    public static string At(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures/clients", name);
}

using Mayfly.Settings;

namespace Mayfly.Server.Tests.Cli;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void NothingGiven_DefaultsApply()
    {
        var settings = Read();
        settings.Port.ShouldBe(4566);
        settings.ChosenStage.ShouldBeNull();
        settings.Values.ShouldAllBe(value => value.Source == SettingSource.Default);
    }

    [Fact]
    public void FlagVariableAndFile_TheFlagWinsThenTheVariable()
    {
        File.WriteAllText(Path.Combine(folder.Path, "mayfly.json"), """{ "port": 1001, "region": "eu-west-1", "stage": "file" }""");
        var settings = Read(flags: new() { ["--port"] = "1003" }, variables: new() { ["MAYFLY_PORT"] = "1002", ["MAYFLY_REGION"] = "eu-west-2" });
        settings.Port.ShouldBe(1003);
        settings.Region.ShouldBe("eu-west-2");
        settings.ChosenStage.ShouldBe("file");
        settings.Values.Select(value => value.Origin).ShouldBe(["--port", "default", "MAYFLY_REGION", "mayfly.json:1", "default", "default", "default"]);
    }

    [Fact]
    public void AnUnknownKey_IsRefusedWithItsLineAndTheNearest()
    {
        File.WriteAllText(Path.Combine(folder.Path, "mayfly.json"), "{\n  // a comment\n  \"maxInstance\": 5\n}");
        Should.Throw<SettingsException>(() => Read()).Message.ShouldBe("mayfly.json:3: unknown key 'maxInstance'; did you mean 'maxInstances'?");
    }

    [Theory]
    [InlineData("MAYFLY_PORT", "65536")]
    [InlineData("MAYFLY_PORT", "+1")]
    [InlineData("MAYFLY_ACCOUNT", "12")]
    [InlineData("MAYFLY_REGION", "Frankfurt")]
    [InlineData("MAYFLY_STAGE", "a/b")]
    [InlineData("MAYFLY_MAX_INSTANCES", "0")]
    [InlineData("MAYFLY_OBJECTS", "s3://contents?endpoint=host:9000")]
    public void AValueThatCannotBe_IsRefusedNamingItsSource(string variable, string value) =>
        Should.Throw<SettingsException>(() => Read(variables: new() { [variable] = value })).Message.ShouldStartWith(variable + ": ");

    [Theory]
    [InlineData("[]")]
    [InlineData("{ \"port\": ")]
    [InlineData("{ \"port\": true }")]
    [InlineData("")]
    public void ABrokenFile_IsRefusedNamingTheFile(string text)
    {
        File.WriteAllText(Path.Combine(folder.Path, "mayfly.json"), text);
        Should.Throw<SettingsException>(() => Read()).Message.ShouldStartWith("mayfly.json:1: ");
    }

    public void Dispose() => folder.Dispose();

    private MayflySettings Read(Dictionary<string, string>? flags = null, Dictionary<string, string>? variables = null) =>
        MayflySettings.Read(name => flags?.GetValueOrDefault(name), name => variables?.GetValueOrDefault(name), folder.Path);
}

using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.Functions;

public sealed class FunctionTests
{
    private static readonly FunctionKey Key = new("000000000000", "us-east-1", "f");

    [Fact]
    public void NothingChangedSinceTheLastVersion_PublishesNone()
    {
        var (function, first) = Make().Publish("one", DateTimeOffset.UnixEpoch);

        var (again, same) = function.Publish("two", DateTimeOffset.UnixEpoch);

        again.ShouldBeSameAs(function);
        same.ShouldBeSameAs(first);
        first.Config.Description.ShouldBe("one");
    }

    [Fact]
    public void ChangeSinceTheLastVersion_PublishesTheNextNumber()
    {
        var function = Make().Publish(null, DateTimeOffset.UnixEpoch).Function;
        function = function with { Latest = function.Latest with { Id = "other" } };

        var (published, version) = function.Publish(null, DateTimeOffset.UnixEpoch);

        version.Version.ShouldBe("2");
        published.Revisions.Select(r => r.Version).ShouldBe(["$LATEST", "1", "2"]);
        published.Latest.Id.ShouldBe("other");
        published.Latest.RevisionId.ShouldNotBe(function.Latest.RevisionId);
        version.Id.ShouldNotBe("other");
    }

    [Theory]
    [InlineData(0.0, "2")]
    [InlineData(0.0999, "2")]
    [InlineData(0.1, "1")]
    [InlineData(0.99, "1")]
    public void AliasWithWeights_SplitsCallsByThem(double roll, string version) => Aliased().Resolve("live", roll)!.Version.ShouldBe(version);

    [Theory]
    [InlineData(null, "$LATEST")]
    [InlineData("$LATEST", "$LATEST")]
    [InlineData("1", "1")]
    [InlineData("3", null)]
    [InlineData("nobody", null)]
    [InlineData("+1", null)]
    public void Qualifier_NamesItsRevision(string? qualifier, string? version) => Aliased().Resolve(qualifier, 0)?.Version.ShouldBe(version);

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("live")]
    public void TouchedQualifier_HasANewRevisionId_AndRunsAsBefore(string? qualifier)
    {
        var function = Aliased();

        var touched = function.Touched(qualifier);

        touched.RevisionIdOf(qualifier).ShouldNotBe(function.RevisionIdOf(qualifier));
        touched.Resolve(qualifier, 0)!.Id.ShouldBe(function.Resolve(qualifier, 0)!.Id);
    }

    [Fact]
    public void SettingsOfAQualifier_AreForgottenWhenNothingIsSet()
    {
        var function = Make().With("live", new() { Scaling = new(1, 2) });

        function.For("live").Scaling.ShouldBe(new(1, 2));
        function.With("live", QualifierSettings.None).Qualified.ShouldBeEmpty();
        function.For(null).ShouldBe(QualifierSettings.None);
    }

    private static Function Aliased()
    {
        var function = Make().Publish(null, DateTimeOffset.UnixEpoch).Function;
        function = (function with { Latest = function.Latest with { Id = "other" } }).Publish(null, DateTimeOffset.UnixEpoch).Function;
        return function with { Aliases = function.Aliases.Add("live", new() { Name = "live", Version = "1", WeightedVersion = "2", Weight = 0.1, RevisionId = "r" }) };
    }

    private static Function Make() => new()
    {
        Key = Key,
        Latest = new() { Id = "first", Function = Key, Config = new() { Runtime = "provided" }, Code = new(new string('0', 64), 1), LastModified = DateTimeOffset.UnixEpoch },
    };
}

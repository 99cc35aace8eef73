using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Tests.Dialects.Aws.Models;

public sealed class ServiceModelTests
{
    private static readonly ServiceModel Model = ServiceModel.Lambda;

    [Theory]
    [InlineData("Lambda", 80)]
    [InlineData("Events", 50)]
    [InlineData("Sqs", 22)]
    [InlineData("Sns", 41)]
    public void EveryShape_NamesShapesThatExist_AndHasAPatternThatCanBeRead(string service, int operations)
    {
        var model = service switch
        {
            "Lambda" => Model,
            "Events" => ServiceModel.Events,
            "Sqs" => ServiceModel.Sqs,
            _ => ServiceModel.Sns,
        };
        model.Operations.Count.ShouldBeGreaterThan(operations);
        var (seen, todo) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(model.Operations.Values.SelectMany(Named)));
        while (todo.TryPop(out var name))
        {
            if (seen.Add(name))
            {
                var shape = model.Shape(name);
                new[] { shape.Member, shape.Key, shape.Value }.OfType<string>().Concat(shape.Members?.Values.Select(static m => m.Shape) ?? []).ToList().ForEach(todo.Push);
                shape.Matches("x").ShouldBeOneOf(true, false); // Its pattern is one that .NET reads.
                (shape.Type == "structure").ShouldBe(shape.Members is not null, name);
            }
        }

        static IEnumerable<string> Named(ModelOperation o) => new[] { o.Input, o.Output }.Concat(o.Errors).OfType<string>();
    }

    [Fact]
    public void EveryMemberOfAPath_HasItsSegment()
    {
        foreach (var operation in Model.Operations.Values)
        {
            foreach (var (name, member) in Model.Shape(operation.Input!).Members!.Where(static m => m.Value.In == "uri"))
            {
                operation.IndexOf(member.Wire ?? name).ShouldBeGreaterThan(0, $"{operation.Name}.{name}");
            }
        }
    }

    [Fact]
    public void TheDoor_OwnsThePathsOfTheModel()
    {
        foreach (var operation in Model.Operations.Values)
        {
            LambdaOperations.Owns($"/{string.Join('/', operation.Segments)}").ShouldBeTrue(operation.Name);
        }

        LambdaOperations.Owns("/2015-03-31/buckets").ShouldBeFalse();
    }

    [Theory]
    [InlineData("ResourceNotFoundException", 404, "Message")]
    [InlineData("InvalidParameterValueException", 400, "message")]
    [InlineData("TooManyRequestsException", 429, "message")]
    [InlineData("PreconditionFailedException", 412, "message")]
    [InlineData("InvalidRuntimeException", 502, "Message")]
    [InlineData("ServiceException", 500, "Message")]
    public void Errors_HaveTheirStatusAndMembers(string name, int status, string member)
    {
        var error = Model.Error(name)!;
        error.Status.ShouldBe(status);
        error.Members!.ContainsKey(member).ShouldBeTrue();
        Model.Error("ValidationException").ShouldBeNull();
        Model.Error("CreateFunctionRequest").ShouldBeNull();
    }

    [Theory]
    [InlineData(@"\d{2}", "12", true)]
    [InlineData(@"\d{2}", "1٢", false)]
    [InlineData(@"[^\s]+", "a b", false)]
    [InlineData(@"[^\s]+", "a\u00a0b", true)]
    [InlineData("a|bc", "abc", false)]
    [InlineData("a", "a\n", false)]
    [InlineData("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "12", false)]
    [InlineData("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "1-2", true)]
    [InlineData(".*", "a\u2028", false)]
    [InlineData("[.]x", "ax", false)]
    [InlineData(@"[A-Z\_\-]+\_", "A-_", true)]
    public void Patterns_MatchAsInJava_FromEndToEnd(string pattern, string text, bool matches) =>
        new ModelShape { Type = "string", Pattern = pattern }.Matches(text).ShouldBe(matches);

    [Fact]
    public void APatternThatTakesForever_DoesNotMatch() =>
        new ModelShape { Type = "string", Pattern = "(a+)+b" }.Matches(new string('a', 200)).ShouldBeFalse();
}

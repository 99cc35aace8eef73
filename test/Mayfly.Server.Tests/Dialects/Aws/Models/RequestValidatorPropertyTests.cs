using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Tests.Dialects.Aws.Models;

/// <summary>Whatever comes, the validator answers.</summary>
public sealed class RequestValidatorPropertyTests
{
    private static readonly ModelOperation[] Operations = [.. ServiceModel.Lambda.Operations.Values.OrderBy(static o => o.Name, StringComparer.Ordinal)];
    private static readonly Gen<string> Text = ArbMap.Default.GeneratorFor<string>().Select(static s => s ?? "");

    [Fact]
    public void AnyJson_IsAnswered() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3000),
            Prop.ForAll(
                (from operation in Gen.Elements(Operations) from body in Body(operation) from path in Text select (operation, body, path)).ToArbitrary(),
                static request => Answered(request.operation, Encoding.UTF8.GetBytes(request.body), request.path)));

    [Fact]
    public void AnyBytes_AreAnswered() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1000),
            Prop.ForAll(
                (from operation in Gen.Elements(Operations) from body in ArbMap.Default.GeneratorFor<byte[]>() select (operation, body)).ToArbitrary(),
                static request => Answered(request.operation, request.body, "f")));

    [Fact]
    public void AnyCutOrChangedByteOfAGoodBody_IsAnswered() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(
                (from at in Gen.Choose(0, 400) from value in Gen.Choose(0, 255) from cut in Gen.Elements(true, false) select (at, value, cut)).ToArbitrary(),
                static change =>
                {
                    var body = """{"FunctionName":"f\u00e9","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"AA=="},"Timeout":3,"Layers":["a"],"Environment":{"Variables":{"AB":"\ud83d\ude00"}},"Tags":{"a":"b"}}"""u8.ToArray();
                    var at = change.at % body.Length;
                    body[at] = (byte)change.value;
                    return Answered(ServiceModel.Lambda.Operations["CreateFunction"], change.cut ? body[..at] : body, "f");
                }));

    private static bool Answered(ModelOperation operation, byte[] body, string text)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = QueryString.Create("Qualifier", text).Add("MaxItems", text).Add("tagKeys", text);
        string[] path = [.. operation.Segments.Select(s => s[0] == '{' ? text : s)];
        var fault = new RequestValidator(ServiceModel.Lambda).Check(operation, path, request, body);
        return fault is null || fault.Message.Length > 0;
    }

    /// <summary>JSON that is like the operation's request to a varying degree: its names, nested anyhow, with any values.</summary>
    private static Gen<string> Body(ModelOperation operation) => Like(ServiceModel.Lambda.Shape(operation.Input!), 4);

    private static Gen<string> Like(ModelShape shape, int depth)
    {
        var any = Any(depth);
        if (depth == 0)
        {
            return any;
        }

        var like = shape.Type switch
        {
            "structure" when shape.Members!.Count > 0 => Object(Gen.Elements(shape.Members.ToArray()).SelectMany(m => Like(ServiceModel.Lambda.Shape(m.Value.Shape), depth - 1).Select(value => (m.Value.Wire ?? m.Key, value)))),
            "list" => Array(Like(ServiceModel.Lambda.Shape(shape.Member!), depth - 1)),
            "map" => Object(Text.SelectMany(key => Like(ServiceModel.Lambda.Shape(shape.Value!), depth - 1).Select(value => (key, value)))),
            _ => any,
        };
        return Gen.Frequency((9, like), (1, any));
    }

    private static Gen<string> Any(int depth)
    {
        var scalars = Gen.OneOf(
            Gen.Elements("null", "true", "false", "1e400", "-0", "99999999999999999999", "\"\\ud800\"", "\"arn:aws:lambda:us-east-1:000000000000:function:f\""),
            ArbMap.Default.GeneratorFor<int>().Select(static n => $"{n}"),
            ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).Select(static n => JsonSerializer.Serialize(n)),
            Text.Select(static s => JsonSerializer.Serialize(s)));
        return depth == 0
            ? scalars
            : Gen.Frequency((4, scalars), (1, Array(Any(depth - 1))), (1, Object(Text.SelectMany(key => Any(depth - 1).Select(value => (key, value))))));
    }

    private static Gen<string> Array(Gen<string> element) => Short(element).Select(static values => $"[{string.Join(',', values)}]");

    private static Gen<string> Object(Gen<(string Key, string Value)> member) =>
        Short(member).Select(static members => $"{{{string.Join(',', members.Select(static m => $"{JsonSerializer.Serialize(m.Key)}:{m.Value}"))}}}");

    private static Gen<T[]> Short<T>(Gen<T> element) => Gen.Choose(0, 4).SelectMany(count => element.ArrayOf(count));
}

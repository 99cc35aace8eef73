using System.Reflection;
using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>Turns events into arguments and results into answers: by the function's own serializer when it names one, else by System.Text.Json.</summary>
internal sealed class Serializer
{
    private const string AttributeName = "Amazon.Lambda.Core.LambdaSerializerAttribute";
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly object? custom;
    private readonly Type? contract;

    private Serializer(object? custom)
    {
        this.custom = custom;
        contract = custom?.GetType().GetInterfaces().FirstOrDefault(i => i.FullName == "Amazon.Lambda.Core.ILambdaSerializer");
    }

    /// <summary>The serializer of a handler: the attribute of the method, else of the assembly. Found by name, since this program references no package.</summary>
    public static Serializer Find(Assembly assembly, MethodInfo method)
    {
        var attribute = method.GetCustomAttributesData().Concat(assembly.GetCustomAttributesData()).FirstOrDefault(a => a.AttributeType.FullName == AttributeName);
        return attribute is null ? new(null) : new(Activator.CreateInstance((Type)attribute.ConstructorArguments[0].Value!)!);
    }

    /// <summary>A function from an invocation to its event as an argument of this type.</summary>
    public Func<Invocation, object?> ReaderOf(Type type)
    {
        if (contract is not null)
        {
            var read = MethodInvoker.Create(contract.GetMethod("Deserialize")!.MakeGenericMethod(type));
            return invocation => read.Invoke(custom, invocation.EventStream());
        }

        if (type == typeof(string))
        {
            // An object where text is expected is handed over as its JSON.
            return static invocation => invocation.Event.Span.TrimStart(" \t\r\n"u8) is [(byte)'"', ..]
                ? JsonSerializer.Deserialize<string>(invocation.Event.Span)
                : System.Text.Encoding.UTF8.GetString(invocation.Event.Span);
        }

        return invocation => invocation.Event.IsEmpty ? null : JsonSerializer.Deserialize(invocation.Event.Span, type, Options);
    }

    /// <summary>A function from a result of this type to answer bytes.</summary>
    public Func<object?, ReadOnlyMemory<byte>> WriterOf(Type type)
    {
        if (contract is null)
        {
            return value => JsonSerializer.SerializeToUtf8Bytes(value, value is null ? type : value.GetType(), Options);
        }

        var write = MethodInvoker.Create(contract.GetMethod("Serialize")!.MakeGenericMethod(type));
        return value =>
        {
            var stream = new MemoryStream();
            write.Invoke(custom, value, stream);
            return stream.TryGetBuffer(out var whole) ? whole : stream.ToArray();
        };
    }
}

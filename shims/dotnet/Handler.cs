using System.Reflection;

namespace Mayfly.Shims.DotNet;

/// <summary>The function's method, with everything about its signature decided once.</summary>
internal sealed class Handler
{
    private readonly object? instance;
    private readonly MethodInvoker method;
    private readonly Func<Invocation, object?>[] arguments;
    private readonly Func<object?, ValueTask<ReadOnlyMemory<byte>>> answer;

    /// <summary>Prepares a method.</summary>
    public Handler(object? instance, MethodInfo handler, Serializer serializer)
    {
        this.instance = instance;
        method = MethodInvoker.Create(handler);
        arguments = [.. handler.GetParameters().Select(p => ArgumentOf(p.ParameterType, serializer))];
        answer = AnswerOf(handler.ReturnType, serializer);
    }

    /// <summary>Calls the method and returns the answer's bytes.</summary>
    public ValueTask<ReadOnlyMemory<byte>> InvokeAsync(Invocation invocation) => answer(arguments.Length switch
    {
        0 => method.Invoke(instance),
        1 => method.Invoke(instance, arguments[0](invocation)),
        _ => method.Invoke(instance, arguments[0](invocation), arguments[1](invocation)),
    });

    private static Func<Invocation, object?> ArgumentOf(Type type, Serializer serializer)
    {
        if (SignatureRules.IsContext(type))
        {
            return invocation => ContextProxy.Create(type, LambdaContext.Of(invocation));
        }

        if (type.IsAssignableFrom(typeof(MemoryStream)) && type != typeof(object))
        {
            return invocation => invocation.EventStream();
        }

        return serializer.ReaderOf(type);
    }

    private static Func<object?, ValueTask<ReadOnlyMemory<byte>>> AnswerOf(Type type, Serializer serializer)
    {
        if (type == typeof(void))
        {
            return _ => new("null"u8.ToArray());
        }

        if (type == typeof(Task))
        {
            return async result =>
            {
                await ((Task)result!).ConfigureAwait(false);
                return "null"u8.ToArray();
            };
        }

        if (type == typeof(ValueTask))
        {
            return async result =>
            {
                await ((ValueTask)result!).ConfigureAwait(false);
                return "null"u8.ToArray();
            };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(Task<>) || open == typeof(ValueTask<>)))
        {
            var inner = AnswerOf(type.GetGenericArguments()[0], serializer);
            var value = MethodInvoker.Create(typeof(Task<>).MakeGenericType(type.GetGenericArguments()).GetProperty("Result")!.GetMethod!);
            var asTask = open == typeof(Task<>) ? null : MethodInvoker.Create(type.GetMethod("AsTask")!);
            return async result =>
            {
                var task = (Task)(asTask is null ? result! : asTask.Invoke(result)!);
                await task.ConfigureAwait(false);
                return await inner(value.Invoke(task)).ConfigureAwait(false);
            };
        }

        if (typeof(Stream).IsAssignableFrom(type))
        {
            return async result =>
            {
                if (result is not Stream stream)
                {
                    return ReadOnlyMemory<byte>.Empty;
                }

                await using (stream.ConfigureAwait(false))
                {
                    if (stream is MemoryStream memory && memory.TryGetBuffer(out var whole))
                    {
                        return whole;
                    }

                    if (stream.CanSeek)
                    {
                        stream.Position = 0;
                    }

                    var copy = new MemoryStream();
                    await stream.CopyToAsync(copy).ConfigureAwait(false);
                    return copy.GetBuffer().AsMemory(0, (int)copy.Length);
                }
            };
        }

        var write = serializer.WriterOf(type);
        return result => new(write(result));
    }
}

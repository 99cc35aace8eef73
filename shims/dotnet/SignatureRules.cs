using System.Reflection;
using System.Runtime.CompilerServices;

namespace Mayfly.Shims.DotNet;

/// <summary>What the managed runtime refuses as a handler before it calls it, in its words.</summary>
internal static class SignatureRules
{
    /// <summary>Whether a parameter is the context.</summary>
    public static bool IsContext(Type type) => type is { IsInterface: true, FullName: "Amazon.Lambda.Core.ILambdaContext" };

    /// <summary>Throws what is wrong with a handler's type or method.</summary>
    public static void Check(Type type, MethodInfo method)
    {
        var parameters = method.GetParameters();
        var fine = !method.IsAbstract && !method.IsGenericMethod && !type.IsGenericType && (method.IsStatic || !type.IsAbstract) && parameters.Length <= 2
            && (type.IsClass || (type.IsValueType && !type.IsPrimitive && !type.IsEnum))
            && (method.ReturnType != typeof(void) || !method.IsDefined(typeof(AsyncStateMachineAttribute), false))
            && (parameters.Length == 0 || !TakesParams(parameters[^1]))
            && (parameters.Length < 2 || IsContext(parameters[1].ParameterType));
        if (!fine)
        {
            throw new ValidationException(Problem(type, method, parameters));
        }
    }

    private static bool TakesParams(ParameterInfo last) => last.ParameterType.IsArray && last.IsDefined(typeof(ParamArrayAttribute), false);

    // Apart from the check, so that a start without a problem does not compile it.
    private static string Problem(Type type, MethodInfo method, ParameterInfo[] parameters) => method switch
    {
        { IsAbstract: true } => $"The method '{method}' cannot be used as a Lambda Handler because it is an abstract method. Handler methods cannot be abstract. Please specify a non-abstract handler method.",
        { IsGenericMethod: true } => $"The method '{method}' cannot be used as a Lambda Handler because it is a generic method. Handler methods cannot be generic. Please specify a non-generic handler method.",
        _ when method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute), false) =>
            $"The method '{method}' cannot be used as a Lambda Handler because it is an 'async void' method. Handler methods cannot be 'async void'. Please specify a method that is not 'async void'.",
        _ when parameters is [.., var last] && TakesParams(last) =>
            $"The method '{method}' cannot be used as a Lambda Handler because it is a 'params' method. Please specify a method that does not use 'params'.",
        _ when type.IsGenericType => $"The type '{type.FullName}' cannot be used as a Lambda Handler type because it is generic. Handler methods cannot be located in generic types. Please specify a handler method in a non-generic type.",
        _ when !method.IsStatic && type.IsAbstract =>
            $"The instance method '{method}' cannot be used as a Lambda Handler because its type '{type.FullName}' is abstract. Please either use a static handler or specify a type that is not abstract.",
        _ when !type.IsClass && (!type.IsValueType || type.IsPrimitive || type.IsEnum) =>
            $"The type '{type.FullName}' cannot be used as a handler type since it is not a class or a struct. Please specify a handler method on a class or struct.",
        _ when parameters.Length > 2 => $"Method '{method.Name}' of type '{type.FullName}' is not supported: the method has more than 2 parameters.",
        _ => $"Method '{method.Name}' of type '{type.FullName}' is not supported: the method has 2 parameters, but the second parameter is not of type 'Amazon.Lambda.Core.ILambdaContext'.",
    };
}

using System.Reflection;

namespace Mayfly.Shims.DotNet;

/// <summary>The three parts of <c>ASSEMBLY::TYPE::METHOD</c>.</summary>
internal sealed record HandlerName(string Assembly, string Type, string Method)
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private const string Format = "The valid format is 'ASSEMBLY::TYPE::METHOD'.";

    /// <summary>Takes a handler's name apart.</summary>
    public static HandlerName Parse(string handler)
    {
        if (handler.Length == 0)
        {
            throw new ValidationException($"Empty lambda function handler. {Format}");
        }

        return handler.Split("::", 3, StringSplitOptions.TrimEntries) switch
        {
            ["", _, _] => throw Missing("assembly"),
            [_, "", _] => throw Missing("type"),
            [_, _, ""] => throw Missing("method"),
            [var assembly, var type, var method] => new(assembly, type, method),
            _ => throw new ValidationException($"Invalid lambda function handler: '{handler}'. {Format}"),
        };

        ValidationException Missing(string part) => new($"Invalid lambda function handler: '{handler}', the {part} is missing. {Format}");
    }

    /// <summary>The method: by name, then by full signature, in the type and then in what it derives from.</summary>
    public MethodInfo MethodOf(Type type)
    {
        return Find(type, bySignature: false) ?? Find(type, bySignature: true)
            ?? throw new ValidationException($"Unable to find method '{Method}' in type '{Type}' from assembly '{Assembly}': Found no methods matching method name '{Method}'.");
    }

    // Plain loops: this runs at every start, before anything is compiled.
    private MethodInfo? Find(Type type, bool bySignature)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            MethodInfo? found = null;
            foreach (var method in at.GetMethods(Own))
            {
                if ((bySignature ? method.ToString() : method.Name) == Method)
                {
                    found = found is null ? method : throw Ambiguous(at);
                }
            }

            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    private ValidationException Ambiguous(Type type) => new(
        $"The method '{Method}' in type '{type.FullName}' appears to have a number of overloads. To call this method please specify a complete method signature. Possible candidates are:\n{string.Join('\n', type.GetMethods(Own).Where(m => m.Name == Method || m.ToString() == Method))}.");
}

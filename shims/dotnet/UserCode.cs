using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Mayfly.Shims.DotNet;

/// <summary>The load context of the function's assemblies: its own copies win, then the framework's.</summary>
internal sealed class UserCode : AssemblyLoadContext
{
    private readonly AssemblyDependencyResolver resolver;
    private readonly string? webFramework;

    private UserCode(string assemblyPath)
        : base("function")
    {
        resolver = new AssemblyDependencyResolver(assemblyPath);

        // A function may use ASP.NET Core, which the shim itself does not load: its folder lies beside the base framework's.
        var core = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var web = Path.GetFullPath(Path.Combine(core, "../../Microsoft.AspNetCore.App"));
        webFramework = !Directory.Exists(web) ? null
            : Directory.Exists(Path.Combine(web, Path.GetFileName(core))) ? Path.Combine(web, Path.GetFileName(core))
            : Directory.EnumerateDirectories(web).Order(StringComparer.Ordinal).LastOrDefault();

        // Proxies are generated into the default context and name the function's types.
        Default.Resolving += (_, name) => Assemblies.FirstOrDefault(a => a.GetName().Name == name.Name);
    }

    /// <summary>Loads <c>Assembly::Namespace.Type::Method</c> and makes the instance that it is called on.</summary>
    public static Handler Load(string folder, string handler)
    {
        var name = HandlerName.Parse(handler);
        var path = Path.Combine(folder, name.Assembly + ".dll");
        if (!File.Exists(path))
        {
            throw new ValidationException($"Could not find the specified handler assembly with the file name '{name.Assembly}, Culture=neutral, PublicKeyToken=null'. The assembly should be located in the root of your uploaded .zip file.");
        }

        var context = new UserCode(path);
        EnterAmbient(context);
        var assembly = context.LoadFromAssemblyPath(path);
        var type = assembly.GetType(name.Type) ?? throw new ValidationException($"Unable to load type '{name.Type}' from assembly '{name.Assembly}'.");
        var method = name.MethodOf(type);
        SignatureRules.Check(type, method);
        if (method.IsStatic)
        {
            // Initialisation is part of the start, not of the first call.
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        var instance = method.IsStatic ? null : Activator.CreateInstance(type);
        return new Handler(instance, method, Serializer.Find(assembly, method));
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (resolver.ResolveAssemblyToPath(assemblyName) is { } path)
        {
            var assembly = LoadFromAssemblyPath(path);
            if (assemblyName.Name == StaticLogger.Package)
            {
                StaticLogger.Redirect(assembly);
            }

            return assembly;
        }

        if (webFramework is not null && assemblyName.Name is { } name && name.StartsWith("Microsoft.", StringComparison.Ordinal)
            && Path.Combine(webFramework, name + ".dll") is var web && File.Exists(web))
        {
            return Default.LoadFromAssemblyPath(web);
        }

        return null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    // For Type.GetType and Assembly.Load by name in the function; never left, since the process serves this one function.
    private static void EnterAmbient(UserCode context) => context.EnterContextualReflection();
}

using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>functions</c> and <c>functions/{name}</c>: all functions, whatever API made them.</summary>
/// <param name="functions">The functions.</param>
/// <param name="view">How they are shown.</param>
/// <param name="settings">The account, and the region to look in first.</param>
public sealed class FunctionsResource(FunctionRegistry functions, NativeView view, ServerSettings settings) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/functions", ListAsync),
        new("GET", "/functions/{}", GetAsync),
        new("DELETE", "/functions/{}", DeleteAsync),
    ];

    private Task ListAsync(HttpContext context, string none) =>
        context.Response.WriteAsJsonAsync(
            [.. functions.Table.Current.Functions.Values
                .OrderBy(static function => function.Key.Name, StringComparer.Ordinal)
                .ThenBy(static function => function.Key.Region, StringComparer.Ordinal)
                .Select(view.Show)],
            NativeJson.Default.FunctionReplyArray);

    private Task GetAsync(HttpContext context, string name) =>
        NativeFunctions.Find(context, functions.Table.Current, settings, name) is { } function
            ? context.Response.WriteAsJsonAsync(view.Show(function), NativeJson.Default.FunctionReply)
            : NativeFunctions.NotFoundAsync(context, functions.Table.Current, name);

    private async Task DeleteAsync(HttpContext context, string name)
    {
        if (NativeFunctions.Find(context, functions.Table.Current, settings, name) is not { } function)
        {
            await NativeFunctions.NotFoundAsync(context, functions.Table.Current, name);
            return;
        }

        await functions.ChangeAsync(function.Key, static _ => null, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new RemoveReply([function.Key.Name]), NativeJson.Default.RemoveReply);
    }
}

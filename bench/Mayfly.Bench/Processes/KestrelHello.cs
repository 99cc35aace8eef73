using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Mayfly.Bench.Processes;

/// <summary>The smallest Kestrel server that answers as the functions do. It ends when its standard input ends, so it never outlives who started it.</summary>
internal static class KestrelHello
{
    /// <summary>The command for default settings.</summary>
    public const string Plain = "kestrel";

    /// <summary>The command for answers on the thread that reads the socket: good only where nothing blocks.</summary>
    public const string Inline = "kestrel-inline";

    /// <summary>Answers every request with this body, as JSON.</summary>
    public static async Task<int> RunAsync(int port, byte[] body, bool inline)
    {
        if (inline)
        {
            // Read when the first socket is made.
            Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
            Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
        }

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = inline);
        await using var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, 0, body.Length);
        });
        await app.StartAsync();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        return 0;
    }
}

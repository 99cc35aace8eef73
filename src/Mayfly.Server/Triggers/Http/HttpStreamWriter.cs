using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Triggers.Http;

/// <summary>
/// Puts a streamed answer on the wire, each piece when it comes. It writes the chunks of HTTP/1.1 itself: so an answer that
/// breaks off can be sent as far as it came and then be closed without the last chunk, which tells the client that it is not
/// whole. Aborting the connection would throw away what is not sent yet.
/// </summary>
internal sealed class HttpStreamWriter
{
    private readonly HttpContext _context;
    private readonly bool _silent;
    private readonly bool _chunks;

    /// <summary>Makes the head of the answer.</summary>
    public HttpStreamWriter(HttpContext context, HttpAnswer head, HttpCall call)
    {
        _context = context;
        _silent = !HttpAnswerWriter.HasBody(head.Status) || HttpMethods.IsHead(context.Request.Method);
        _chunks = !_silent && HttpProtocol.IsHttp11(context.Request.Protocol);
        HttpAnswerWriter.WriteHead(context, head, call.Flavor, call.RequestId, call.TraceId);
        if (_chunks)
        {
            context.Response.Headers.TransferEncoding = "chunked";
        }
    }

    /// <summary>Sends the head, what has come of the body, and the rest as it comes.</summary>
    public async Task CopyAsync(ReadOnlyMemory<byte> first, ResponseStream stream)
    {
        var writer = _context.Response.BodyWriter;
        Write(writer, first.Span);
        await writer.FlushAsync(_context.RequestAborted);
        while (await stream.ReadAsync(_context.RequestAborted) is { IsEmpty: false } next)
        {
            Write(writer, next.Span);
            await writer.FlushAsync(_context.RequestAborted);
        }
    }

    /// <summary>The answer is whole.</summary>
    public async Task EndAsync()
    {
        if (_chunks)
        {
            await _context.Response.BodyWriter.WriteAsync("0\r\n\r\n"u8.ToArray(), _context.RequestAborted);
        }
    }

    /// <summary>The answer broke off.</summary>
    public void Cut()
    {
        if (_chunks && _context.Features.Get<IConnectionLifetimeNotificationFeature>() is { } connection)
        {
            connection.RequestClose();
        }
        else
        {
            _context.Abort();
        }
    }

    private void Write(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        if (_silent || bytes.IsEmpty)
        {
            return;
        }

        if (_chunks)
        {
            Utf8Formatter.TryFormat(bytes.Length, writer.GetSpan(16), out var digits, 'x');
            writer.Advance(digits);
            writer.Write("\r\n"u8);
        }

        writer.Write(bytes);
        if (_chunks)
        {
            writer.Write("\r\n"u8);
        }
    }
}

using System.Text;
using Mayfly.Server.Resources.Topics;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>The certificate that the signatures of notifications are checked with, for everybody.</summary>
/// <param name="signer">Has it.</param>
public sealed class CertificateDoor(NotificationSigner signer) : IDoor
{
    /// <inheritdoc />
    public bool Accepts(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        return HttpMethods.IsGet(context.Request.Method)
            && path.StartsWith(NotificationUrls.CertificatePrefix, StringComparison.Ordinal)
            && path.EndsWith(NotificationUrls.CertificateSuffix, StringComparison.Ordinal);
    }

    /// <inheritdoc />
    public async Task HandleAsync(HttpContext context)
    {
        var key = await signer.GetAsync();
        if (context.Request.Path != $"{NotificationUrls.CertificatePrefix}{key.Id}{NotificationUrls.CertificateSuffix}")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var pem = Encoding.ASCII.GetBytes(key.CertificatePem);
        context.Response.ContentType = "application/x-pem-file";
        context.Response.ContentLength = pem.Length;
        await context.Response.BodyWriter.WriteAsync(pem, context.RequestAborted);
    }
}

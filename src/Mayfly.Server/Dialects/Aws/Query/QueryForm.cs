using System.Text;

namespace Mayfly.Server.Dialects.Aws.Query;

/// <summary>Reads forms (<c>application/x-www-form-urlencoded</c>) and query strings, strictly and bounded.</summary>
internal static class QueryForm
{
    private const int MaxFields = 4096;
    private const int MaxDepth = 12;
    private const byte Percent = (byte)'%';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads fields into a tree. Of a field that is there twice the last counts.</summary>
    /// <exception cref="AwsException">It is no form, or one too large.</exception>
    public static FormNode Read(ReadOnlySpan<byte> form)
    {
        var root = new FormNode();
        var fields = 0;
        foreach (var range in form.Split((byte)'&'))
        {
            var field = form[range];
            if (field.IsEmpty)
            {
                continue;
            }

            if (++fields > MaxFields)
            {
                throw Malformed($"The request has more than {MaxFields} parameters.");
            }

            var equals = field.IndexOf((byte)'=');
            var name = Decode(equals < 0 ? field : field[..equals]);
            Find(root, name).Text = equals < 0 ? "" : Decode(field[(equals + 1)..]);
        }

        return root;
    }

    private static FormNode Find(FormNode node, string name)
    {
        var depth = 0;
        foreach (var range in name.AsSpan().Split('.'))
        {
            if (++depth > MaxDepth)
            {
                throw Malformed("The name of a parameter has too many parts.");
            }

            node = node.Enter(name[range]);
        }

        return node;
    }

    private static string Decode(ReadOnlySpan<byte> encoded)
    {
        try
        {
            if (encoded.IndexOfAny(Percent, (byte)'+') < 0)
            {
                return Strict.GetString(encoded);
            }

            var bytes = new byte[encoded.Length];
            var length = 0;
            for (var i = 0; i < encoded.Length; i++)
            {
                if (encoded[i] != Percent)
                {
                    bytes[length++] = encoded[i] == '+' ? (byte)' ' : encoded[i];
                    continue;
                }

                if (i + 2 >= encoded.Length || !char.IsAsciiHexDigit((char)encoded[i + 1]) || !char.IsAsciiHexDigit((char)encoded[i + 2]))
                {
                    throw Malformed("The request has a % that two hexadecimal digits do not follow.");
                }

                bytes[length++] = (byte)((Hex(encoded[i + 1]) << 4) | Hex(encoded[i + 2]));
                i += 2;
            }

            return Strict.GetString(bytes.AsSpan(0, length));
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("The request has a parameter that is not UTF-8.");
        }
    }

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static AwsException Malformed(string message) => new("MalformedQueryString", message, 404);
}

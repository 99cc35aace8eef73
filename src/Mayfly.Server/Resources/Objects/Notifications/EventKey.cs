using System.Globalization;
using System.Text;

namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>Keys as S3's events show them: as a form would, a space as <c>+</c>, with slashes left alone.</summary>
internal static class EventKey
{
    /// <summary>Encodes.</summary>
    public static string Encode(string key)
    {
        var text = new StringBuilder(key.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(key))
        {
            var c = (char)b;
            _ = c switch
            {
                ' ' => text.Append('+'),
                _ when char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '*' or '/' => text.Append(c),
                _ => text.Append(CultureInfo.InvariantCulture, $"%{b:X2}"),
            };
        }

        return text.ToString();
    }

    /// <summary>Decodes; what is no encoding stays.</summary>
    public static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

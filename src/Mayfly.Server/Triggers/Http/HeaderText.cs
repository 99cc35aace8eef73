using System.Buffers;

namespace Mayfly.Server.Triggers.Http;

/// <summary>What may stand in an HTTP header, so that no result of a function can break or split a response.</summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> Name =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether a text is a header's name.</summary>
    public static bool IsName(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Name);

    /// <summary>Whether a text can be a header's value: printable ASCII and tabs.</summary>
    public static bool IsValue(string text)
    {
        foreach (var character in text)
        {
            if (character is (< ' ' and not '\t') or > '~')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A text made fit for a header's value: one line of ASCII, at most 400 characters.</summary>
    public static string Printable(string text)
    {
        var length = Math.Min(text.Length, 400);
        return string.Create(length, text, static (into, from) =>
        {
            for (var i = 0; i < into.Length; i++)
            {
                into[i] = from[i] is < ' ' ? ' ' : from[i] is > '~' ? '?' : from[i];
            }
        });
    }
}

using System.Globalization;
using System.Text;

namespace Mayfly.Fuzz;

/// <summary>Makes new inputs from old ones.</summary>
public sealed class Mutator(Random random, IFuzzTarget target, IReadOnlyList<byte[]> corpus)
{
    private const int Longest = 1 << 16;
    private static readonly byte[] Bytes = [0, 1, 9, 10, 13, 32, 47, 0x7f, 0x80, 0xff];
    private static readonly long[] Numbers = [0, 1, -1, 7, 255, 65535, 65536, int.MaxValue, uint.MaxValue, long.MaxValue, 6291456, 6291557];

    /// <summary>A new input.</summary>
    public byte[] Next()
    {
        var input = corpus[random.Next(corpus.Count)];
        for (var turns = 1 << random.Next(4); turns > 0; turns--)
        {
            input = Once(input);
        }

        return random.Next(3) == 0 && target.Shape(input, random) is { } shaped ? shaped : input.Length > Longest ? input[..Longest] : input;
    }

    private byte[] Once(byte[] input)
    {
        var at = random.Next(input.Length + 1);
        var length = Math.Min(input.Length - at, 1 << random.Next(8));
        switch (random.Next(10))
        {
            case 0 when length > 0:
                var flipped = input.ToArray();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1 when length > 0:
                var set = input.ToArray();
                set[at] = Bytes[random.Next(Bytes.Length)];
                return set;
            case 2:
                return [.. input[..at], .. input[(at + length)..]];
            case 3:
                return [.. input[..(at + length)], .. input[at..]];
            case 4:
                var noise = new byte[random.Next(1, 17)];
                random.NextBytes(noise);
                return [.. input[..at], .. noise, .. input[at..]];
            case 5 or 6 when target.Tokens.Count > 0:
                var token = target.Tokens[random.Next(target.Tokens.Count)];
                return random.Next(2) == 0 ? [.. input[..at], .. token, .. input[at..]] : [.. input[..at], .. token, .. input[Math.Min(input.Length, at + token.Length)..]];
            case 7:
                return Renumbered(input, at);
            case 8:
                var lines = Encoding.Latin1.GetString(input).Split('\n').ToList();
                var (from, to) = (random.Next(lines.Count), random.Next(lines.Count));
                lines.Insert(to, lines[from]);
                return Encoding.Latin1.GetBytes(string.Join('\n', random.Next(2) == 0 ? lines : lines.Where((_, i) => i != from)));
            default:
                var other = corpus[random.Next(corpus.Count)];
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
        }
    }

    private byte[] Renumbered(byte[] input, int from)
    {
        var at = Array.FindIndex(input, from, static b => char.IsAsciiDigit((char)b));
        if (at < 0)
        {
            return input;
        }

        var end = Array.FindIndex(input, at, static b => !char.IsAsciiDigit((char)b));
        return [.. input[..at], .. Encoding.ASCII.GetBytes(Numbers[random.Next(Numbers.Length)].ToString(CultureInfo.InvariantCulture)), .. end < 0 ? [] : input[end..]];
    }
}

using System.Collections;
using System.Globalization;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The grammar of one field: lists of values, ranges and steps.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="First">The least value.</param>
/// <param name="Last">The greatest value.</param>
/// <param name="Names">What the values may be called instead, from the least on.</param>
internal sealed record CronField(string Name, int First, int Last, string[]? Names = null)
{
    /// <summary>Reads a whole field.</summary>
    /// <returns>A bit for each value, by the value.</returns>
    public BitArray Read(string text)
    {
        var set = new BitArray(Last + 1);
        foreach (var item in text.Split(','))
        {
            AddItem(item, set);
        }

        return set;
    }

    /// <summary>Adds one item of a list: <c>*</c>, a value or a range, and each with a step.</summary>
    public void AddItem(string item, BitArray set)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? item : item[..slash];
        var step = slash < 0 ? 1 : StepOf(item[(slash + 1)..]);
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        int from, to;
        if (range == "*")
        {
            (from, to) = (First, Last);
        }
        else if (dash >= 0)
        {
            (from, to) = (Value(range[..dash]), Value(range[(dash + 1)..]));
        }
        else
        {
            from = Value(range);
            to = slash < 0 ? from : Last;
        }

        // A range may go over the end: FRI-MON.
        var length = to >= from ? to - from : to - from + Last - First + 1;
        for (var i = 0; i <= length; i += step)
        {
            set[from + i > Last ? from + i - Last + First - 1 : from + i] = true;
        }
    }

    /// <summary>Reads one value.</summary>
    public int Value(string text)
    {
        var named = Names is null ? -1 : Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
        {
            return First + named;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= First && value <= Last
            ? value
            : throw Error(text);
    }

    /// <summary>Why a text cannot stand in this field.</summary>
    public ScheduleFormatException Error(string text) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{text}' cannot stand in the field {Name}, which goes from {First} to {Last}{(Names is null ? "" : $" or {Names[0]} to {Names[^1]}")}"));

    private int StepOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0 && step <= Last ? step : throw Error("/" + text);
}

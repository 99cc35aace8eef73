using System.Text;

namespace Mayfly.Bench.Reports;

/// <summary>Aligned text: the first column to the left, the others to the right.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<string[]> _rows = [columns];

    /// <summary>Columns that are text, and therefore start at the left.</summary>
    public IReadOnlySet<int> Texts { get; init; } = new HashSet<int> { 0 };

    public void Add(params string[] row) => _rows.Add(row);

    public override string ToString()
    {
        var widths = columns.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        for (var i = 0; i < _rows.Count; i++)
        {
            text.AppendLine(string.Join("  ", _rows[i].Select((cell, column) => Texts.Contains(column) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
            if (i == 0)
            {
                text.AppendLine(string.Join("  ", widths.Select(static width => new string('-', width))));
            }
        }

        return text.ToString();
    }
}

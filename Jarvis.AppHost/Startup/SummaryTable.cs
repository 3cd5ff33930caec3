using System.Text;

namespace Jarvis.AppHost.Startup;

/// <summary>Columns as wide as their content, and notes below.</summary>
sealed class SummaryTable(params string[] heading)
{
    readonly List<string[]> _rows = [heading];
    readonly List<string> _notes = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Note(string note) => _notes.Add(note);

    public override string ToString()
    {
        var widths = Enumerable.Range(0, heading.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder().AppendLine();
        foreach (var row in _rows)
        {
            text.Append("  ").AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
            if (ReferenceEquals(row, _rows[0]))
                text.Append("  ").AppendLine(string.Join("  ", widths.Select(width => new string('-', width))));
        }

        text.AppendLine();
        foreach (var note in _notes)
            text.Append("  ").AppendLine(note);
        return text.AppendLine().ToString();
    }
}

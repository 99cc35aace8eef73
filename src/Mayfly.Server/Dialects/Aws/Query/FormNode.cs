using System.Globalization;

namespace Mayfly.Server.Dialects.Aws.Query;

/// <summary>A place in the names of a form's fields, which are paths: <c>Tags.member.1.Key</c>.</summary>
internal sealed class FormNode
{
    private Dictionary<string, FormNode>? _children;

    /// <summary>The value of the field that ends here.</summary>
    public string? Text { get; set; }

    /// <summary>Whether fields go on below.</summary>
    public bool HasChildren => _children is not null;

    /// <summary>The place below of this name.</summary>
    public FormNode? this[string name] => _children?.GetValueOrDefault(name);

    /// <summary>The place below of this name, made if there is none.</summary>
    public FormNode Enter(string name)
    {
        _children ??= new(StringComparer.Ordinal);
        if (!_children.TryGetValue(name, out var child))
        {
            _children[name] = child = new();
        }

        return child;
    }

    /// <summary>The places below that have numbers for names, by number; gaps are none.</summary>
    public IEnumerable<FormNode> Numbered() => (_children ?? [])
        .Select(static child => (Number: int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1, child.Value))
        .Where(static child => child.Number >= 0)
        .OrderBy(static child => child.Number)
        .Select(static child => child.Value);
}

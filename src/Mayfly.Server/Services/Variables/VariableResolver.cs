using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.Variables;

/// <summary>
/// Resolves the variables of a manifest when somebody asks for a value, and not before: a secret that only
/// an inactive part needs is no reason to fail. What a variable yields is not looked through for variables again,
/// except for parts of the manifest and of files that it includes.
/// </summary>
internal sealed class VariableResolver
{
    private const int MaxActive = 100;
    private const long MaxSize = Node.MaxSize;
    private const int MaxText = 256 << 10;
    private readonly ConditionalWeakTable<Node, Node> _expanded = [];
    private readonly ConditionalWeakTable<Node, Node> _resolved = [];
    private readonly List<(Node Node, string Shown)> _active = [];
    private readonly VariableSources _sources;

    /// <summary>Begins with nothing resolved.</summary>
    public VariableResolver(MapNode root, ManifestOptions options, ManifestFiles files) =>
        _sources = new VariableSources(this, root, options, files);

    /// <summary>The stage, the region and where else values come from.</summary>
    public VariableSources Sources => _sources;

    /// <summary>Forgets what was resolved, when a source has changed.</summary>
    public void Forget()
    {
        _expanded.Clear();
        _resolved.Clear();
    }

    /// <summary>The value with every variable in it resolved.</summary>
    /// <exception cref="ManifestException">A variable cannot be resolved.</exception>
    public Node Resolve(Node node)
    {
        if (_resolved.TryGetValue(node, out var known))
        {
            return known;
        }
        var head = Expand(node);
        if (head is not ScalarNode)
        {
            if (_resolved.TryGetValue(head, out known))
            {
                return known;
            }
            Enter(head, (node as ScalarNode)?.Text ?? head.Kind, node.At);
            try
            {
                head = ResolveChildren(head);
            }
            finally
            {
                Leave();
            }
        }
        if (head.Size > MaxSize)
        {
            throw node.At.Error($"this is more than {MaxSize} values once its variables are resolved.");
        }
        _resolved.AddOrUpdate(node, head);
        return head;
    }

    /// <summary>The value with the variable that it consists of resolved, those inside it not yet.</summary>
    /// <exception cref="ManifestException">A variable cannot be resolved.</exception>
    public Node Expand(Node node)
    {
        if (node is not ScalarNode { Type: ScalarType.Text, Literal: false } scalar || !scalar.Text.Contains("${", StringComparison.Ordinal))
        {
            return node;
        }
        if (_expanded.TryGetValue(node, out var known))
        {
            return known;
        }
        Template template;
        try
        {
            template = TemplateParser.Parse(scalar.Text);
        }
        catch (FormatException e)
        {
            throw node.At.Error($"{e.Message}; write \\${{ for a plain \"${{\".");
        }
        Enter(node, scalar.Text, node.At);
        try
        {
            var value = Fill(template, node.At);
            _expanded.AddOrUpdate(node, value);
            return value;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The value of a template: of any kind when it is one variable, else text.</summary>
    public Node Fill(Template template, Position at)
    {
        if (template.Parts is [{ Variable: { } only } whole])
        {
            var value = Ask(only, whole.Text, at);
            return value is ScalarNode scalar ? scalar.MovedTo(at) : value;
        }
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            if (part.Variable is not { } sources)
            {
                text.Append(part.Text);
                continue;
            }
            var value = Ask(sources, part.Text, at);
            text.Append(value is ScalarNode scalar ? scalar.Text : throw at.Error($"{part.Text} is {value.Kind} and cannot stand inside a text."));
            if (text.Length > MaxText)
            {
                throw at.Error($"a text grows past {MaxText >> 10} KiB once its variables are resolved.");
            }
        }
        return new ScalarNode(at, text.ToString(), ScalarType.Text, literal: true);
    }

    private Node Ask(ImmutableArray<VariableSource> sources, string shown, Position at)
    {
        Node? value = null;
        foreach (var source in sources)
        {
            value = source switch
            {
                { Literal: { } text } => new ScalarNode(at, text, ScalarType.Text, literal: true),
                { Bare: { } bare } => ScalarNode.Plain(at, bare),
                { Type: "", Address: { } nested } => Fill(nested, at),
                _ => _sources.Find(source, shown, at),
            };
            if (value is { IsNull: false })
            {
                return value;
            }
        }
        return value is { IsNull: true } && sources[^1].Bare == "null"
            ? value
            : throw at.Error($"{shown} has no value: {_sources.WhyMissing(sources[^1], shown, at)}");
    }

    private Node ResolveChildren(Node head) => head switch
    {
        MapNode map => new MapNode(map.At, [.. map.Entries.Select(entry => entry with { Value = Resolve(entry.Value) })]),
        ListNode list => new ListNode(list.At, [.. list.Items.Select(Resolve)]),
        _ => head,
    };

    private void Enter(Node node, string shown, Position at)
    {
        var begin = _active.FindIndex(active => ReferenceEquals(active.Node, node));
        if (begin >= 0)
        {
            var between = _active[(begin + 1)..].Select(active => active.Shown).Where(text => text.Contains("${", StringComparison.Ordinal));
            throw at.Error($"variables go round in a circle: {string.Join(" → ", [shown, .. between, shown])}.");
        }
        if (_active.Count >= MaxActive)
        {
            throw at.Error($"values and variables are nested more than {MaxActive} deep.");
        }
        _active.Add((node, shown));
    }

    private void Leave() => _active.RemoveAt(_active.Count - 1);
}

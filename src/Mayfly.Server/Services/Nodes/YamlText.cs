using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mayfly.Server.Services.Nodes;

/// <summary>
/// Reads one YAML document into nodes. Aliases share their node, so a bomb of aliases costs no memory;
/// what it would amount to when written out is counted and bounded.
/// </summary>
internal sealed class YamlText
{
    private const long MaxSize = Node.MaxSize;
    private const int MaxDepth = Node.MaxDepth;
    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);

    private YamlText(string file, string text)
    {
        _file = file;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads the text.</summary>
    /// <exception cref="ManifestException">It is not YAML, or more than one document.</exception>
    public static Node Parse(string file, string text)
    {
        var reader = new YamlText(file, text);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            throw Explain(file, text, e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // The scanner answers some broken texts, such as one bracket too many, with its own failure.
            throw new ManifestException(file, Math.Max(1, (int)(reader._parser.Current?.End.Line ?? 1)), "this is not YAML: near here a bracket, brace or quote is not closed, or closed once too often.");
        }
    }

    private static ManifestException Explain(string file, string text, YamlException e)
    {
        // A tab is found where the value before it ends, which may be on an earlier line.
        var lines = text.Split('\n');
        for (var index = Math.Max(0, (int)e.Start.Line - 1); index <= e.End.Line && index < lines.Length; index++)
        {
            var line = lines[index];
            if (line.AsSpan(0, line.Length - line.TrimStart().Length).Contains('\t'))
            {
                return new(file, index + 1, "a tab indents this line; YAML allows spaces only.");
            }
        }
        var hint = e.Message.Contains("flow mapping", StringComparison.Ordinal) ? " Inside braces, a text with braces needs quotes: '/orders/{id}'." : "";
        return new(file, Math.Max(1, (int)e.Start.Line), $"this is not YAML: {e.Message.TrimEnd('.')}.{hint}");
    }

    private Node ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return new ScalarNode(new(_file, 1), "", ScalarType.Null);
        }
        _parser.Consume<DocumentStart>();
        var root = Read(0);
        _parser.Consume<DocumentEnd>();
        if (!_parser.TryConsume<StreamEnd>(out _))
        {
            throw At(_parser.Current!).Error("a second document begins here; a manifest is one document.");
        }
        return root;
    }

    private Position At(ParsingEvent parsed) => new(_file, (int)parsed.Start.Line);

    private Node Read(int depth)
    {
        var parsed = _parser.Consume<ParsingEvent>();
        var at = At(parsed);
        if (depth > MaxDepth)
        {
            throw at.Error($"values are nested more than {MaxDepth} deep.");
        }
        if (parsed is AnchorAlias alias)
        {
            return _anchors.TryGetValue(alias.Value.Value, out var known)
                ? known
                : throw at.Error($"the alias \"*{alias.Value.Value}\" has no anchor before it, or stands inside its own anchor.");
        }
        Node node = parsed switch
        {
            Scalar scalar => ReadScalar(scalar, at),
            SequenceStart => ReadList(at, depth),
            MappingStart => ReadMap(at, depth),
            _ => throw at.Error("a value is missing here."),
        };
        var start = (NodeEvent)parsed;
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && !start.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
        {
            node = CloudFormationTag.Expand(start.Tag.Value, node, at);
        }
        if (node.Size > MaxSize)
        {
            throw at.Error($"this is more than {MaxSize} values when its aliases are written out.");
        }
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = node;
        }
        return node;
    }

    private static ScalarNode ReadScalar(Scalar scalar, Position at)
    {
        if (scalar.Value.Contains('\0'))
        {
            throw at.Error("a text holds a zero byte, which no environment and no path can have.");
        }
        var plain = scalar.Tag.IsEmpty ? scalar.Style == ScalarStyle.Plain : scalar.Tag.Value is not "tag:yaml.org,2002:str" && scalar.Tag.Value.StartsWith("tag:", StringComparison.Ordinal);
        return plain ? ScalarNode.Plain(at, scalar.Value) : new ScalarNode(at, scalar.Value, ScalarType.Text);
    }

    private ListNode ReadList(Position at, int depth)
    {
        var items = ImmutableArray.CreateBuilder<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(depth + 1));
        }
        return new(at, items.ToImmutable());
    }

    private MapNode ReadMap(Position at, int depth)
    {
        var entries = new List<MapEntry>();
        var merged = new List<MapEntry>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyAt = At(_parser.Current ?? throw at.Error("the map does not end."));
            if (Read(depth + 1) is not ScalarNode key)
            {
                throw keyAt.Error("a key must be text.");
            }
            var name = key.Type == ScalarType.Null ? "null" : key.Text;
            var value = Read(depth + 1);
            if (name == "<<")
            {
                Merge(value, keyAt, merged);
            }
            else if (places.TryGetValue(name, out var first))
            {
                throw keyAt.Error($"\"{name}\" stands twice in the same map, first on line {first}; remove one.");
            }
            else
            {
                places.Add(name, keyAt.Line);
                entries.Add(new(name, keyAt, value));
            }
        }
        foreach (var entry in merged)
        {
            if (places.TryAdd(entry.Key, entry.At.Line))
            {
                entries.Add(entry);
            }
        }
        return new(at, [.. entries]);
    }

    private static void Merge(Node value, Position at, List<MapEntry> merged)
    {
        foreach (var source in value is ListNode list ? list.Items : [value])
        {
            merged.AddRange(source is MapNode map ? map.Entries : throw at.Error($"\"<<\" merges maps, and this is {source.Kind}."));
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Services.Variables;

/// <summary>
/// Parses variables as the Serverless Framework v3 does: <c>${type(argument):address, fallback, 'literal'}</c>.
/// What begins otherwise, such as CloudFormation's <c>${AWS::Region}</c> or a shell's <c>${PORT}</c>, stays text.
/// </summary>
internal sealed class TemplateParser
{
    private const int MaxDepth = 30;
    private readonly string _text;
    private int _place;
    private int _depth;

    private TemplateParser(string text) => _text = text;

    /// <summary>Parses a text.</summary>
    /// <exception cref="FormatException">A variable is written wrongly; the message says how.</exception>
    public static Template Parse(string text)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return new(text.Length == 0 ? [] : [new(text)]);
        }
        return new TemplateParser(text).ReadTemplate([]);
    }

    private Template ReadTemplate(ReadOnlySpan<char> ends)
    {
        if (++_depth > MaxDepth)
        {
            throw new FormatException("variables are nested too deep");
        }
        var parts = ImmutableArray.CreateBuilder<TemplatePart>();
        var plain = new StringBuilder();
        while (_place < _text.Length && !ends.Contains(_text[_place]))
        {
            if (_text.AsSpan(_place).StartsWith("\\${"))
            {
                plain.Append("${");
                _place += 3;
            }
            else if (StartsVariable())
            {
                Flush(parts, plain);
                var start = _place;
                _place += 2;
                var sources = ReadSources(start);
                parts.Add(new(_text[start.._place], sources));
            }
            else
            {
                plain.Append(_text[_place++]);
            }
        }
        Flush(parts, plain);
        _depth--;
        return new(parts.ToImmutable());
    }

    private static void Flush(ImmutableArray<TemplatePart>.Builder parts, StringBuilder plain)
    {
        if (plain.Length > 0)
        {
            parts.Add(new(plain.ToString()));
            plain.Clear();
        }
    }

    private bool StartsVariable()
    {
        if (!_text.AsSpan(_place).StartsWith("${") || _place + 2 >= _text.Length || !char.IsAsciiLetterLower(_text[_place + 2]))
        {
            return false;
        }
        var end = _place + 2;
        while (end < _text.Length && char.IsAsciiLetterOrDigit(_text[end]))
        {
            end++;
        }
        return end < _text.Length && (_text[end] == '(' || (_text[end] == ':' && !_text.AsSpan(end).StartsWith("::")));
    }

    private ImmutableArray<VariableSource> ReadSources(int start)
    {
        var sources = ImmutableArray.CreateBuilder<VariableSource>();
        while (true)
        {
            SkipSpace();
            sources.Add(ReadSource(start));
            SkipSpace();
            switch (Next(start))
            {
                case ',':
                    break;
                case '}':
                    return sources.ToImmutable();
                case var other:
                    throw new FormatException($"\"{other}\" is unexpected in {Shown(start)}");
            }
        }
    }

    private VariableSource ReadSource(int start)
    {
        if (_place < _text.Length && _text[_place] is '\'' or '"')
        {
            return new("", [], Literal: ReadQuoted(start));
        }
        if (StartsVariable())
        {
            // A variable as an alternative of its own: ${opt:stage, ${self:custom.stage}}.
            var nested = _place;
            _place += 2;
            var inner = ReadSources(nested);
            return new("", [], Address: new([new(_text[nested.._place], inner)]));
        }
        var begin = _place;
        while (_place < _text.Length && (char.IsAsciiLetterOrDigit(_text[_place]) || _text[_place] is '.' or '-' or '+'))
        {
            _place++;
        }
        var word = _text[begin.._place];
        if (_place >= _text.Length || _text[_place] is not ('(' or ':'))
        {
            SkipSpace();
            return word is "true" or "false" or "null" || double.TryParse(word, CultureInfo.InvariantCulture, out _)
                ? new("", [], Bare: word)
                : throw new FormatException(Unclosed() ?? $"\"{word}\" in {Shown(start)} is no source: write '{word}' in quotes if it is a text");
        }
        ImmutableArray<Template> arguments = [];
        if (_text[_place] == '(')
        {
            _place++;
            arguments = ReadArguments(start);
        }
        if (_place >= _text.Length || _text[_place] != ':')
        {
            return new(word, arguments);
        }
        _place++;
        SkipSpace();
        if (_place < _text.Length && _text[_place] is '\'' or '"')
        {
            return new(word, arguments, new([new(ReadQuoted(start))]));
        }
        return new(word, arguments, Trim(ReadTemplate([',', '}'])));

        string? Unclosed() => _place >= _text.Length ? $"{Shown(start)} is not closed by \"}}\"" : null;
    }

    private ImmutableArray<Template> ReadArguments(int start)
    {
        var arguments = ImmutableArray.CreateBuilder<Template>();
        while (true)
        {
            SkipSpace();
            var argument = _place < _text.Length && _text[_place] is '\'' or '"'
                ? new Template([new(ReadQuoted(start))])
                : Trim(ReadTemplate([',', ')']));
            SkipSpace();
            if (argument.Parts.Length > 0)
            {
                arguments.Add(argument);
            }
            switch (Next(start))
            {
                case ',':
                    break;
                case ')':
                    return arguments.ToImmutable();
                case var other:
                    throw new FormatException($"\"{other}\" is unexpected in {Shown(start)}");
            }
        }
    }

    private string ReadQuoted(int start)
    {
        var quote = _text[_place];
        var begin = _place++;
        while (_place < _text.Length && _text[_place] != quote)
        {
            _place += quote == '"' && _text[_place] == '\\' ? 2 : 1;
        }
        if (_place >= _text.Length)
        {
            throw new FormatException($"a quote is not closed in {Shown(start)}");
        }
        _place++;
        if (quote == '\'')
        {
            return _text[(begin + 1)..(_place - 1)];
        }
        try
        {
            using var document = JsonDocument.Parse(_text[begin.._place]);
            return document.RootElement.GetString() ?? "";
        }
        catch (JsonException e)
        {
            throw new FormatException($"{_text[begin.._place]} in {Shown(start)} is no text in double quotes", e);
        }
    }

    private char Next(int start) =>
        _place < _text.Length ? _text[_place++] : throw new FormatException($"{Shown(start)} is not closed by \"}}\"");

    private void SkipSpace()
    {
        while (_place < _text.Length && char.IsWhiteSpace(_text[_place]))
        {
            _place++;
        }
    }

    private string Shown(int start) => _text.Length - start > 80 ? _text.Substring(start, 80) + "…" : _text[start..];

    private static Template Trim(Template template)
    {
        var parts = template.Parts;
        if (parts.Length > 0 && parts[0].Variable is null)
        {
            parts = parts.SetItem(0, new(parts[0].Text.TrimStart()));
        }
        if (parts.Length > 0 && parts[^1].Variable is null)
        {
            parts = parts.SetItem(parts.Length - 1, new(parts[^1].Text.TrimEnd()));
        }
        return new(parts.RemoveAll(part => part.Variable is null && part.Text.Length == 0));
    }
}

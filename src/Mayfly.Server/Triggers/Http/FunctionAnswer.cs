using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Triggers.Http;

/// <summary>A function's result, read as a response of either payload format. Bodies are never made into strings.</summary>
internal sealed class FunctionAnswer
{
    private ReadOnlyMemory<byte> _bodyToken;
    private JsonTokenType _bodyType = JsonTokenType.None;
    private bool _base64;

    /// <summary>What the whole result is.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>Whether the result names a status code.</summary>
    public bool HasStatus { get; private set; }

    /// <summary>The status code; 0 when it is none that HTTP knows.</summary>
    public int Status { get; private set; }

    /// <summary>Single-value headers, in order.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>Multi-value headers, in order, one pair a value.</summary>
    public List<KeyValuePair<string, string>> MultiValueHeaders { get; } = [];

    /// <summary>Values for <c>Set-Cookie</c>.</summary>
    public List<string> Cookies { get; } = [];

    /// <summary>Set when a part has a type that it must not have; says which.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads a result.</summary>
    /// <returns>Whether it is JSON at all.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> payload, out FunctionAnswer answer)
    {
        answer = new FunctionAnswer();
        try
        {
            var json = new Utf8JsonReader(payload.Span, new JsonReaderOptions { MaxDepth = 256 });
            if (!json.Read())
            {
                return false;
            }

            answer.Kind = json.TokenType;
            if (json.TokenType == JsonTokenType.StartObject)
            {
                answer.ReadObject(ref json, payload);
            }
            else
            {
                answer.SetBody(ref json, payload);
            }

            return !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The body's bytes: text as UTF-8, base64 decoded, an object or array as JSON where <paramref name="anyJson"/> allows it.</summary>
    /// <returns>Whether the body is one that the format allows.</returns>
    public bool TryBody(bool anyJson, out ReadOnlyMemory<byte> body)
    {
        body = default;
        switch (_bodyType)
        {
            case JsonTokenType.None or JsonTokenType.Null:
                return true;
            case JsonTokenType.String when _base64:
                var raw = Unescape(_bodyToken);
                var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(raw.Length)];
                var valid = Base64.DecodeFromUtf8(raw.Span, decoded, out _, out var written) == System.Buffers.OperationStatus.Done;
                body = decoded.AsMemory(0, written);
                return valid;
            case JsonTokenType.String:
                body = Unescape(_bodyToken);
                return true;
            default:
                body = _bodyToken;
                return anyJson;
        }
    }

    private static ReadOnlyMemory<byte> Unescape(ReadOnlyMemory<byte> token)
    {
        var reader = new Utf8JsonReader(token.Span);
        reader.Read();
        var text = new byte[token.Length];
        return text.AsMemory(0, reader.CopyString(text));
    }

    private void ReadObject(ref Utf8JsonReader json, ReadOnlyMemory<byte> payload)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("statusCode"u8))
            {
                json.Read();
                ReadStatus(ref json);
            }
            else if (json.ValueTextEquals("headers"u8))
            {
                json.Read();
                ReadHeaders(ref json, Headers, "headers");
            }
            else if (json.ValueTextEquals("multiValueHeaders"u8))
            {
                json.Read();
                ReadHeaders(ref json, MultiValueHeaders, "multiValueHeaders");
            }
            else if (json.ValueTextEquals("cookies"u8))
            {
                json.Read();
                ReadCookies(ref json);
            }
            else if (json.ValueTextEquals("isBase64Encoded"u8))
            {
                json.Read();
                _base64 = json.TokenType == JsonTokenType.True
                    || (json.TokenType == JsonTokenType.String && string.Equals(json.GetString(), "true", StringComparison.OrdinalIgnoreCase));
                json.Skip();
            }
            else if (json.ValueTextEquals("body"u8))
            {
                json.Read();
                SetBody(ref json, payload);
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }
    }

    private void SetBody(ref Utf8JsonReader json, ReadOnlyMemory<byte> payload)
    {
        _bodyType = json.TokenType;
        var start = (int)json.TokenStartIndex;
        json.Skip();
        _bodyToken = payload[start..(int)json.BytesConsumed];
    }

    private void ReadStatus(ref Utf8JsonReader json)
    {
        HasStatus = json.TokenType != JsonTokenType.Null;
        var status = 0;
        if (json.TokenType == JsonTokenType.Number)
        {
            _ = json.TryGetInt32(out status) || (json.TryGetDouble(out var number) && number == Math.Floor(number) && (status = (int)Math.Clamp(number, 0, 1000)) > 0);
        }
        else if (json.TokenType == JsonTokenType.String)
        {
            _ = int.TryParse(json.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out status);
        }

        json.Skip();
        Status = status is >= 200 and <= 599 ? status : 0;
    }

    private void ReadHeaders(ref Utf8JsonReader json, List<KeyValuePair<string, string>> into, string part)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            Problem ??= json.TokenType == JsonTokenType.Null ? null : $"{part} is not an object";
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (json.TokenType == JsonTokenType.StartArray)
            {
                while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                {
                    AddHeader(into, name, Scalar(ref json));
                }
            }
            else
            {
                AddHeader(into, name, Scalar(ref json));
            }
        }
    }

    private void AddHeader(List<KeyValuePair<string, string>> into, string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (!HeaderText.IsName(name) || !HeaderText.IsValue(value))
        {
            Problem ??= $"header '{HeaderText.Printable(name)}' has characters that HTTP does not allow";
            return;
        }

        into.Add(new(name, value));
    }

    private void ReadCookies(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            Problem ??= json.TokenType == JsonTokenType.Null ? null : "cookies is not an array";
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (Scalar(ref json) is { } cookie && HeaderText.IsValue(cookie))
            {
                Cookies.Add(cookie);
            }
        }
    }

    /// <summary>A header's value as text; <see langword="null"/> for null and for what is no scalar.</summary>
    private static string? Scalar(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                return json.GetString();
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return Encoding.UTF8.GetString(json.ValueSpan);
            default:
                json.Skip();
                return null;
        }
    }
}

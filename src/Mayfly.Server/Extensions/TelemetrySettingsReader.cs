using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Extensions;

/// <summary>
/// Reads a subscription. It comes from a sandbox, so the destination may be nothing but a port of that sandbox:
/// the host must be one of its own names, and the address is never taken from it.
/// </summary>
public static class TelemetrySettingsReader
{
    /// <summary>The port of the Runtime API on AWS Lambda; it is reserved there.</summary>
    private const int ReservedPort = 9001;

    private static readonly string[] TelemetryVersions = ["2022-07-01", "2022-12-13", "2025-01-29"];
    private static readonly string[] LogsVersions = ["2020-08-15", "2021-03-18"];
    private static readonly string[] Hosts = ["sandbox.localdomain", "sandbox", "localhost", "127.0.0.1"];

    /// <summary>Reads a subscription.</summary>
    /// <param name="dialect">The API that it came through.</param>
    /// <param name="body">JSON, or anything.</param>
    /// <param name="settings">What was asked for.</param>
    /// <returns>What is wrong with it, or <see langword="null"/>.</returns>
    public static string? TryRead(TelemetryDialect dialect, ReadOnlyMemory<byte> body, out TelemetrySettings? settings)
    {
        settings = null;
        try
        {
            using var document = JsonDocument.Parse(body, new() { MaxDepth = 8 });
            var wrong = new List<string>();
            var read = Read(dialect, document.RootElement, wrong);
            settings = wrong.Count == 0 ? read : null;
            return wrong.Count == 0 ? null : string.Join("; ", wrong);
        }
        catch (JsonException)
        {
            return "The request body is not JSON";
        }
    }

    private static TelemetrySettings? Read(TelemetryDialect dialect, JsonElement root, List<string> wrong)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            wrong.Add("The request body is not a JSON object");
            return null;
        }

        var versions = dialect == TelemetryDialect.Logs ? LogsVersions : TelemetryVersions;
        var version = Text(root, "schemaVersion") ?? (dialect == TelemetryDialect.Logs ? LogsVersions[0] : null);
        if (version is null || !versions.Contains(version, StringComparer.Ordinal))
        {
            wrong.Add($"schemaVersion should be one of {string.Join(", ", versions)}");
        }

        var kinds = Kinds(root, wrong);
        var buffering = Member(root, "buffering", JsonValueKind.Object);
        var destination = Member(root, "destination", JsonValueKind.Object);
        var (port, path) = Destination(destination, wrong);
        return new()
        {
            Dialect = dialect,
            SchemaVersion = version ?? "",
            Kinds = kinds,
            MaxItems = Number(buffering, "maxItems", 10_000, 1_000, 10_000, wrong),
            MaxBytes = Number(buffering, "maxBytes", 262_144, 262_144, 1_048_576, wrong),
            TimeoutMs = Number(buffering, "timeoutMs", 1_000, 25, 30_000, wrong),
            Port = port,
            HttpPath = path,
            Put = Text(destination, "method") == "PUT",
        };
    }

    private static TelemetryKinds Kinds(JsonElement root, List<string> wrong)
    {
        var kinds = TelemetryKinds.None;
        if (Member(root, "types", JsonValueKind.Array) is { ValueKind: JsonValueKind.Array } types)
        {
            foreach (var type in types.EnumerateArray())
            {
                var kind = (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
                {
                    "platform" => TelemetryKinds.Platform,
                    "function" => TelemetryKinds.Function,
                    "extension" => TelemetryKinds.Extension,
                    _ => TelemetryKinds.None,
                };
                if (kind == TelemetryKinds.None)
                {
                    wrong.Add("types should be platform, function or extension");
                }

                kinds |= kind;
            }
        }

        if (kinds == TelemetryKinds.None)
        {
            wrong.Add("types should not be empty");
        }

        return kinds;
    }

    private static (int Port, string? HttpPath) Destination(JsonElement destination, List<string> wrong)
    {
        switch (Text(destination, "protocol"))
        {
            case "TCP":
                var port = destination.TryGetProperty("port", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) ? value : 0;
                CheckPort(port, wrong);
                return (port, null);
            case "HTTP":
                if (!Uri.TryCreate(Text(destination, "URI"), UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.UserInfo.Length > 0 || !Hosts.Contains(uri.Host, StringComparer.OrdinalIgnoreCase))
                {
                    wrong.Add("destination.URI should be http://sandbox.localdomain:<port>");
                    return default;
                }

                if (!uri.OriginalString.Contains(":" + uri.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))
                {
                    wrong.Add("URI port is not provided");
                }

                CheckPort(uri.Port, wrong);
                return (uri.Port, uri.PathAndQuery);
            default:
                wrong.Add("destination.protocol should be HTTP or TCP");
                return default;
        }
    }

    private static void CheckPort(int port, List<string> wrong)
    {
        if (port is < 1 or > 65535 or ReservedPort)
        {
            wrong.Add($"destination port should be 1 to 65535 and not {ReservedPort}");
        }
    }

    private static int Number(JsonElement parent, string name, int fallback, int least, int most, List<string> wrong)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return fallback;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        wrong.Add(string.Create(CultureInfo.InvariantCulture, $"buffering.{name} should be {least} to {most}"));
        return fallback;
    }

    private static JsonElement Member(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : default;

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

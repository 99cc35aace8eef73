using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>A message broker that somebody runs, and how to reach it. Immutable.</summary>
public sealed record Broker
{
    /// <summary>The service whose manifest declares it; <see langword="null"/> for one that the admin API made.</summary>
    public string? Service { get; init; }

    /// <summary>Which.</summary>
    public required BrokerKey Key { get; init; }

    /// <summary>The last part of its ARN.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is and as whom to call it: <c>amqp://user:password@host:port/virtual-host</c>, or <c>amqps://…</c></summary>
    public required string Url { get; init; }

    /// <summary>The ARN, as mappings name it.</summary>
    [JsonIgnore]
    public string Arn => $"{Key}:{Id}";

    /// <summary>The URL as anybody may see it: without the password.</summary>
    [JsonIgnore]
    public string ShownUrl
    {
        get
        {
            var url = new UriBuilder(Url);
            url.Password = url.Password.Length > 0 ? "***" : "";
            return url.Uri.AbsoluteUri;
        }
    }

    /// <summary>A new one.</summary>
    public static Broker Make(in BrokerKey key, string url) => new() { Key = key, Id = $"b-{Guid.NewGuid()}", Url = url };

    /// <summary>Whether a URL is one of a broker.</summary>
    public static bool IsUrl(string url) => url.Length <= 2048 && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" && uri.Host.Length > 0 && uri.Segments.Length <= 2;

    /// <summary>The ARN alone: what has a password is never printed whole.</summary>
    public override string ToString() => Arn;
}

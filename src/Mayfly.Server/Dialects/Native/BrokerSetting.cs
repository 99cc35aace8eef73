namespace Mayfly.Server.Dialects.Native;

/// <summary>Where a message broker is.</summary>
/// <param name="Url"><c>amqp://user:password@host:port/virtual-host</c>, or <c>amqps://…</c></param>
public sealed record BrokerSetting(string? Url);

namespace Mayfly.Server.Dialects.Native;

/// <summary>An HTTP route as the admin API shows it.</summary>
/// <param name="Method">Upper case, or <c>ANY</c>.</param>
/// <param name="Path">The template.</param>
/// <param name="Function">The function that it starts.</param>
/// <param name="Url">Where it is, with the template's parameters left in.</param>
public sealed record RouteReply(string Method, string Path, string Function, string Url);

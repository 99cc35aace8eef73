namespace Mayfly.Server.Identity;

/// <summary>Whom credentials were issued to.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Function">The function's name.</param>
public sealed record FunctionIdentity(string Account, string Region, string Function);

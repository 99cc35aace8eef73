using System.Text.Json.Serialization;

namespace Mayfly.Sandboxd.Wire;

/// <summary>A message between the server and sandboxd: four bytes of length, then JSON; <see cref="StartMessage"/> has a form of its own.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(StartedMessage), "started")]
[JsonDerivedType(typeof(FailedMessage), "failed")]
[JsonDerivedType(typeof(KillMessage), "kill")]
[JsonDerivedType(typeof(TerminateMessage), "terminate")]
[JsonDerivedType(typeof(DialMessage), "dial")]
[JsonDerivedType(typeof(DialedMessage), "dialed")]
[JsonDerivedType(typeof(ExitedMessage), "exited")]
[JsonDerivedType(typeof(StemsMessage), "stems")]
[JsonDerivedType(typeof(StemCountMessage), "stemCount")]
public abstract record SandboxdMessage;

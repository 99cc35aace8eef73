using System.Text.Json.Serialization;
using Mayfly.Server.Services;

namespace Mayfly.Server.Dialects.Native;

/// <summary>The JSON of the admin API, for the server and its clients alike. Log lines have <see cref="Telemetry.FunctionLogsJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NativeErrorReply))]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(MemoryReply))]
[JsonSerializable(typeof(ClockReply))]
[JsonSerializable(typeof(ClockMove))]
[JsonSerializable(typeof(SandboxesReply))]
[JsonSerializable(typeof(StemReply[]))]
[JsonSerializable(typeof(PackageReply))]
[JsonSerializable(typeof(ImageReply))]
[JsonSerializable(typeof(ImageReply[]))]
[JsonSerializable(typeof(FunctionReply))]
[JsonSerializable(typeof(FunctionReply[]))]
[JsonSerializable(typeof(ServiceReply))]
[JsonSerializable(typeof(ServiceReply[]))]
[JsonSerializable(typeof(ServiceDeployment))]
[JsonSerializable(typeof(EventReply))]
[JsonSerializable(typeof(EventReply[]))]
[JsonSerializable(typeof(ScheduleReply[]))]
[JsonSerializable(typeof(BrokerReply))]
[JsonSerializable(typeof(BrokerReply[]))]
[JsonSerializable(typeof(BrokerSetting))]
[JsonSerializable(typeof(RedriveReply))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(DeployReply))]
[JsonSerializable(typeof(RemoveReply))]
public sealed partial class NativeJson : JsonSerializerContext;

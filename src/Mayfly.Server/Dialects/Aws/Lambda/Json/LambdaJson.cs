using System.Text.Json.Serialization;

namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>Source-generated JSON of the Lambda API: member names are as they are in C#, and what is null is left out.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateFunctionRequest))]
[JsonSerializable(typeof(UpdateFunctionConfigurationRequest))]
[JsonSerializable(typeof(UpdateFunctionCodeRequest))]
[JsonSerializable(typeof(FunctionConfigurationJson))]
[JsonSerializable(typeof(GetFunctionAnswer))]
[JsonSerializable(typeof(ListFunctionsAnswer))]
[JsonSerializable(typeof(ListVersionsAnswer))]
[JsonSerializable(typeof(ConcurrencyJson))]
[JsonSerializable(typeof(UrlConfigRequest))]
[JsonSerializable(typeof(UrlConfigAnswer))]
[JsonSerializable(typeof(ListUrlConfigsAnswer))]
[JsonSerializable(typeof(AddPermissionRequest))]
[JsonSerializable(typeof(AddPermissionAnswer))]
[JsonSerializable(typeof(GetPolicyAnswer))]
[JsonSerializable(typeof(TagsJson))]
[JsonSerializable(typeof(AccountSettingsAnswer))]
internal sealed partial class LambdaJson : JsonSerializerContext;

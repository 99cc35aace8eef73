namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>The keys of one section of a <c>serverless.yml</c>, by what is done with them.</summary>
/// <param name="Active">Have an effect.</param>
/// <param name="Inactive">Are kept, and a notice says that nothing acts on them yet.</param>
/// <param name="Quiet">Steer a deployment to AWS or the Serverless command line itself: meaningless here, so not worth a notice.</param>
internal sealed record KnownKeys(string[] Active, string[] Inactive, string[] Quiet)
{
    /// <summary>All of them.</summary>
    public IEnumerable<string> All => [.. Active, .. Inactive, .. Quiet];

    /// <summary>The top of the file.</summary>
    public static KnownKeys Service { get; } = new(
        ["service", "provider", "functions", "package", "custom", "params", "useDotenv", "configValidationMode", "resources", "plugins", "layers", "outputs", "mayfly"],
        ["stepFunctions", "constructs"],
        ["frameworkVersion", "deprecationNotificationMode", "disabledDeprecations", "variablesResolutionMode", "projectDir", "app", "org", "tenant", "dashboard", "console", "enableLocalInstallationFallback", "unresolvedVariablesNotificationMode", "licenseKey"]);

    /// <summary>The <c>service</c> map.</summary>
    public static KnownKeys ServiceName { get; } = new(["name"], ["awsKmsKeyArn"], []);

    /// <summary>The <c>provider</c> map.</summary>
    public static KnownKeys Provider { get; } = new(
        ["name", "runtime", "stage", "region", "memorySize", "timeout", "environment", "architecture", "ephemeralStorageSize", "tags", "role", "iam", "httpApi", "layers", "kmsKeyArn", "logs", "tracing", "versionFunctions", "vpc", "s3"],
        ["alb", "apiGateway", "apiKeys", "usagePlan", "resourcePolicy", "cloudFront", "ecr", "endpointType", "eventBridge", "iamManagedPolicies", "iamRoleStatements", "kinesis", "logDataProtectionPolicy", "logRetentionInDays", "runtimeManagement", "vpcEndpointIds", "websocket", "websocketsApiRouteSelectionExpression"],
        ["apiName", "cfnRole", "deploymentBucket", "deploymentMethod", "deploymentPrefix", "disableRollback", "lambdaHashingVersion", "notificationArns", "profile", "rolePermissionsBoundary", "rollbackConfiguration", "stackName", "stackParameters", "stackPolicy", "stackTags", "websocketsApiName", "websocketsDescription"]);

    /// <summary>The <c>provider.iam</c> map.</summary>
    public static KnownKeys Iam { get; } = new(["role"], [], ["deploymentRole"]);

    /// <summary>The <c>provider.httpApi</c> map.</summary>
    public static KnownKeys ProviderHttpApi { get; } = new(["cors", "payload"], ["authorizers", "id", "disableDefaultEndpoint"], ["name", "description", "metrics", "useProviderTags", "shouldStartNameWithService"]);

    /// <summary>A function.</summary>
    public static KnownKeys Function { get; } = new(
        ["handler", "runtime", "name", "description", "memorySize", "timeout", "environment", "events", "url", "reservedConcurrency", "ephemeralStorageSize", "architecture", "package", "role", "tags", "image", "httpApi", "layers", "mayfly", "awsKmsKeyArn", "destinations", "fileSystemConfig", "kmsKeyArn", "logs", "maximumEventAge", "maximumRetryAttempts", "onError", "provisionedConcurrency", "snapStart", "tracing", "versionFunction", "vpc"],
        ["condition", "disableLogs", "logDataProtectionPolicy", "logRetentionInDays", "runtimeManagement"],
        ["dependsOn"]);

    /// <summary>The <c>tracing</c> map of the provider.</summary>
    public static KnownKeys ProviderTracing { get; } = new(["lambda"], ["apiGateway"], []);

    /// <summary>The <c>logs</c> map of the provider.</summary>
    public static KnownKeys ProviderLogs { get; } = new(["lambda"], ["httpApi", "restApi", "websocket"], ["frameworkLambda"]);

    /// <summary>The <c>logs</c> map of a function, and <c>provider.logs.lambda</c>.</summary>
    public static KnownKeys Logs { get; } = new(["logFormat", "applicationLogLevel", "systemLogLevel", "logGroup"], [], []);

    /// <summary>A <c>vpc</c> map.</summary>
    public static KnownKeys Vpc { get; } = new(["securityGroupIds", "subnetIds", "ipv6AllowedForDualStack"], [], []);

    /// <summary>The <c>fileSystemConfig</c> map of a function.</summary>
    public static KnownKeys FileSystem { get; } = new(["arn", "localMountPath"], [], []);

    /// <summary>The <c>provisionedConcurrency</c> map of a function.</summary>
    public static KnownKeys ProvisionedConcurrency { get; } = new(["executions", "alias"], [], []);

    /// <summary>The <c>destinations</c> map of a function.</summary>
    public static KnownKeys Destinations { get; } = new(["onSuccess", "onFailure"], [], []);

    /// <summary>One destination that is a map.</summary>
    public static KnownKeys Destination { get; } = new(["type", "arn"], [], []);

    /// <summary>The <c>mayfly</c> map of the service.</summary>
    public static KnownKeys ServiceMayfly { get; } = new(["brokers"], [], []);

    /// <summary>The <c>mayfly</c> map of a function.</summary>
    public static KnownKeys Mayfly { get; } = new(["folder", "concurrency", "network", "command", "idle"], [], []);

    /// <summary>The <c>url</c> map of a function.</summary>
    public static KnownKeys Url { get; } = new(["cors", "authorizer", "invokeMode"], [], []);

    /// <summary>The <c>cors</c> map of a function URL or of <c>provider.httpApi</c>.</summary>
    public static KnownKeys Cors { get; } = new(["allowCredentials", "allowedHeaders", "allowedMethods", "allowedOrigins", "exposedResponseHeaders", "maxAge"], [], []);

    /// <summary>The <c>cors</c> map of an <c>http</c> event.</summary>
    public static KnownKeys RestCors { get; } = new(["allowCredentials", "headers", "maxAge", "methods", "origin", "origins"], ["cacheControl"], []);

    /// <summary>A layer.</summary>
    public static KnownKeys Layer { get; } = new(
        ["path", "name", "description", "compatibleRuntimes", "compatibleArchitectures", "licenseInfo", "retain", "package"], ["allowedAccounts"], []);

    /// <summary>A <c>package</c> map.</summary>
    public static KnownKeys Package { get; } = new(["patterns", "exclude", "include", "artifact"], [], ["individually", "excludeDevDependencies", "path"]);

    /// <summary>The <c>httpApi</c> map of a function.</summary>
    public static KnownKeys FunctionHttpApi { get; } = new(["payload"], [], []);

    /// <summary>An <c>http</c> event.</summary>
    public static KnownKeys HttpEvent { get; } = new(
        ["path", "method", "cors", "integration", "authorizer", "private"],
        ["async", "connectionId", "connectionType", "request", "response", "timeoutInMillis"],
        ["operationId", "documentation"]);

    /// <summary>An <c>httpApi</c> event.</summary>
    public static KnownKeys HttpApiEvent { get; } = new(["path", "method", "authorizer"], [], []);

    /// <summary>A <c>schedule</c> event.</summary>
    public static KnownKeys ScheduleEvent { get; } = new(
        ["rate", "enabled", "name", "description", "input", "inputPath", "inputTransformer", "method", "missed", "overlap"], [], ["roleArn"]);

    /// <summary>A <c>schedule</c> event with <c>method: scheduler</c>.</summary>
    public static KnownKeys SchedulerEvent { get; } = new(
        ["rate", "enabled", "name", "description", "input", "method", "timezone", "groupName", "missed", "overlap"], [], ["roleArn"]);

    /// <summary>An <c>eventBridge</c> event.</summary>
    public static KnownKeys EventBridgeEvent { get; } = new(
        ["pattern", "schedule", "eventBus", "enabled", "name", "description", "input", "inputPath", "inputTransformer", "retryPolicy", "deadLetterQueueArn"], [], []);

    /// <summary>An <c>s3</c> event.</summary>
    public static KnownKeys S3Event { get; } = new(["bucket", "event", "rules", "existing"], [], ["forceDeploy"]);

    /// <summary>A filter of an <c>s3</c> event.</summary>
    public static KnownKeys S3Rule { get; } = new(["prefix", "suffix"], [], []);

    /// <summary>A bucket of <c>provider.s3</c>.</summary>
    public static KnownKeys S3Bucket { get; } = new(
        ["name", "versioningConfiguration", "notificationConfiguration", "corsConfiguration", "lifecycleConfiguration"],
        ["replicationConfiguration", "websiteConfiguration", "objectLockConfiguration", "objectLockEnabled"],
        ["accelerateConfiguration", "accessControl", "analyticsConfigurations", "bucketEncryption", "intelligentTieringConfigurations", "inventoryConfigurations", "loggingConfiguration", "metricsConfigurations", "ownershipControls", "publicAccessBlockConfiguration", "tags"]);

    /// <summary>An <c>sqs</c> event.</summary>
    public static KnownKeys SqsEvent { get; } = new(["arn", "batchSize", "maximumBatchingWindow", "enabled", "filterPatterns", "functionResponseType", "maximumConcurrency"], [], []);

    /// <summary>An <c>sns</c> event.</summary>
    public static KnownKeys SnsEvent { get; } = new(["arn", "topicName", "displayName", "filterPolicy", "filterPolicyScope", "redrivePolicy"], [], ["kmsMasterKeyId"]);

    /// <summary>The <c>redrivePolicy</c> of an <c>sns</c> event.</summary>
    public static KnownKeys SnsRedrive { get; } = new(["deadLetterTargetArn", "deadLetterTargetRef"], ["deadLetterTargetImport"], []);

    /// <summary>A <c>rabbitmq</c> event.</summary>
    public static KnownKeys RabbitEvent { get; } = new(["arn", "queue", "virtualHost", "basicAuthArn", "batchSize", "maximumBatchingWindow", "enabled", "filterPatterns"], [], []);

    /// <summary>A <c>retryPolicy</c> map.</summary>
    public static KnownKeys RetryPolicy { get; } = new(["maximumRetryAttempts", "maximumEventAge"], [], []);

    /// <summary>An <c>inputTransformer</c> map.</summary>
    public static KnownKeys InputTransformer { get; } = new(["inputPathsMap", "inputTemplate"], [], []);

    /// <summary>Kinds of events.</summary>
    public static KnownKeys Events { get; } = new(
        ["http", "httpApi", "schedule", "eventBridge", "s3", "sqs", "sns", "rabbitmq"],
        ["activemq", "alb", "alexaSkill", "alexaSmartHome", "cloudFront", "cloudwatchEvent", "cloudwatchLog", "cognitoUserPool", "documentDb", "iot", "iotFleetProvisioning", "kafka", "msk", "stream", "websocket"],
        []);
}

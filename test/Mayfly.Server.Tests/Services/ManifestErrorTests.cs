namespace Mayfly.Server.Tests.Services;

public sealed class ManifestErrorTests
{
    [Theory]
    [InlineData("memorysize: 512", "serverless.yml:8: functions.hello.memorysize: the key \"memorysize\" is not known; did you mean \"memorySize\"?")]
    [InlineData("evnets: []", "serverless.yml:8: functions.hello.evnets: the key \"evnets\" is not known; did you mean \"events\"?")]
    [InlineData("concurrency: 5", "serverless.yml:8: functions.hello.concurrency: the key \"concurrency\" is not known; it belongs into the function's block \"mayfly:\", did you mean \"mayfly: { concurrency: … }\"?")]
    [InlineData("memorySize: 64", "serverless.yml:8: functions.hello.memorySize: must be a whole number from 128 to 10240 MiB, not 64.")]
    [InlineData("timeout: 901", "serverless.yml:8: functions.hello.timeout: must be a whole number from 1 to 900 seconds, not 901.")]
    [InlineData("timeout: soon", "serverless.yml:8: functions.hello.timeout: must be a whole number from 1 to 900 seconds, not \"soon\".")]
    [InlineData("name: 'no spaces'", "serverless.yml:8: functions.hello.name: \"no spaces\" cannot be used: letters, digits, - and _ only.")]
    [InlineData("runtime: pyhton3.12", "serverless.yml:8: functions.hello.runtime: the runtime \"pyhton3.12\" is not known; did you mean \"python3.12\"? Known are dotnet8, http, nodejs20.x, provided.al2023, python3.11, python3.12.")]
    [InlineData("runtime: cobol", "serverless.yml:8: functions.hello.runtime: the runtime \"cobol\" is not known. Known are dotnet8, http, nodejs20.x, provided.al2023, python3.11, python3.12.")]
    [InlineData("runtime: http", "serverless.yml:8: functions.hello.runtime: needs the command that starts the server: write mayfly: { command: … } in this function. The command listens on $PORT.")]
    [InlineData("environment: { 1A: x }", "serverless.yml:8: functions.hello.environment.1A: \"1A\" is no name of a variable: letters, digits and _ only, no digit first.")]
    [InlineData("environment:\n  OK: x\n  AWS_REGION: x", "serverless.yml:10: functions.hello.environment.AWS_REGION: AWS_REGION is set by the platform and cannot be set here.")]
    [InlineData("environment: { A: { b: c } }", "serverless.yml:8: functions.hello.environment.A: must be a text, not a map.")]
    [InlineData("environment: [A]", "serverless.yml:8: functions.hello.environment: must be a map of keys, not a list.")]
    [InlineData("mayfly: { concurrency: 1001 }", "serverless.yml:8: functions.hello.mayfly.concurrency: must be a whole number from 1 to 1000, not 1001.")]
    [InlineData("mayfly: { network: lan }", "serverless.yml:8: functions.hello.mayfly.network: must be host or egress or none, not \"lan\".")]
    [InlineData("mayfly: { folder: gone }", "serverless.yml:8: functions.hello.mayfly.folder: the folder \"gone\" is not there.")]
    [InlineData("url: { invokeMode: FAST }", "serverless.yml:8: functions.hello.url.invokeMode: must be BUFFERED or RESPONSE_STREAM, not \"FAST\".")]
    [InlineData("architecture: mips", "serverless.yml:8: functions.hello.architecture: must be x86_64 or arm64, not \"mips\".")]
    [InlineData("timeout: 3\ntimeout: 4", "serverless.yml:9: \"timeout\" stands twice in the same map, first on line 8; remove one.")]
    [InlineData("role: !Reff x", "serverless.yml:8: the tag \"!Reff\" is not known; did you mean \"!Ref\"?; CloudFormation's short forms can be used here.")]
    [InlineData("\ttimeout: 3", "serverless.yml:8: a tab indents this line; YAML allows spaces only.")]
    [InlineData("role: *nowhere", "serverless.yml:8: the alias \"*nowhere\" has no anchor before it, or stands inside its own anchor.")]
    [InlineData("mayfly: { folder: \"a\\0b\" }", "serverless.yml:8: a text holds a zero byte, which no environment and no path can have.")]
    [InlineData("tags: { 'aws:x': y }", "serverless.yml:8: functions.hello.tags.aws:x: a tag's name has 1 to 128 characters and does not begin with \"aws:\".")]
    public void WrongFunction_IsRefusedAtItsLine(string lines, string message)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction(lines));
        folder.Refusal().ShouldBe(message);
    }

    [Theory]
    [InlineData("- htttp: GET /", "serverless.yml:9: functions.hello.events.0: the event \"htttp\" of function 'hello' is not known; did you mean \"http\"?")]
    [InlineData("- httpApi: GET", "serverless.yml:9: functions.hello.events.0.httpApi: \"GET\" is no route; write a method and a path such as GET /orders/{id}, or '*' for all.")]
    [InlineData("- httpApi: GTE /", "serverless.yml:9: functions.hello.events.0.httpApi: the method \"GTE\" is not known; did you mean \"GET\"?; known are GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, ANY and *.")]
    [InlineData("- httpApi: GET orders", "serverless.yml:9: functions.hello.events.0.httpApi: the path \"orders\" must begin with a slash.")]
    [InlineData("- httpApi: GET /{rest+}/x", "serverless.yml:9: functions.hello.events.0.httpApi: \"{rest+}\" matches all that follows, so it must be the last segment of the path \"/{rest+}/x\".")]
    [InlineData("- httpApi: GET /a-{id}", "serverless.yml:9: functions.hello.events.0.httpApi: the segment \"a-{id}\" of the path \"/a-{id}\" must be one whole parameter such as {id}, or {proxy+} at the end.")]
    [InlineData("- httpApi: GET /{id}/{id}", "serverless.yml:9: functions.hello.events.0.httpApi: the parameter \"id\" stands twice in the path \"/{id}/{id}\".")]
    [InlineData("- httpApi: GET /files/*", "serverless.yml:9: functions.hello.events.0.httpApi: the path \"/files/*\" has a \"*\"; write {proxy+} at the end to match all that follows.")]
    [InlineData("- httpApi: { path: /x }", "serverless.yml:9: functions.hello.events.0.httpApi: \"method\" is missing; write for example method: get, or '*' for all.")]
    [InlineData("- http: { method: get }", "serverless.yml:9: functions.hello.events.0.http: \"path\" is missing; write for example path: /orders.")]
    [InlineData("- http: { path: x, method: get, cors: { origns: '*' } }", "serverless.yml:9: functions.hello.events.0.http.cors.origns: the key \"origns\" is not known; did you mean \"origins\"?")]
    [InlineData("- http: GET /a\n- http: get a", "serverless.yml:10: functions.hello.events.1.http: the route GET /a belongs to function 'hello' already, line 9.")]
    [InlineData("- httpApi: GET /a\n- httpApi: get /a", "serverless.yml:10: functions.hello.events.1.httpApi: the route GET /a belongs to function 'hello' already, line 9.")]
    [InlineData("- http:\n  path: /a\n  method: get", "serverless.yml:10: functions.hello.events.0: \"path\" stands beside \"http\"; an event is one key: indent what belongs to it by two more spaces, and begin another event with \"- \".")]
    public void WrongEvent_IsRefusedAtItsLine(string events, string message)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("events:\n" + string.Concat(events.Split('\n').Select(line => $"  {line}\n"))));
        folder.Refusal().ShouldBe(message);
    }

    [Theory]
    [InlineData("", "serverless.yml:1: a manifest is a map of keys: service, provider and functions at least.")]
    [InlineData("- a", "serverless.yml:1: a manifest is a map of keys: service, provider and functions at least.")]
    [InlineData("provider: { name: aws }", "serverless.yml:1: service: is missing; write the service's name, for example service: shop.")]
    [InlineData("service: my shop\nprovider: aws", "serverless.yml:1: service: \"my shop\" cannot be used: a letter first, then letters, digits and - only.")]
    [InlineData("service: shop", "serverless.yml:1: provider: is missing; write provider: { name: aws, runtime: … }.")]
    [InlineData("service: shop\nprovider:\n  name: google", "serverless.yml:3: provider.name: must be aws, not \"google\".")]
    [InlineData("service: shop\nprovider:\n  name: aws\n  memroySize: 1", "serverless.yml:4: provider.memroySize: the key \"memroySize\" is not known; did you mean \"memorySize\"?")]
    [InlineData("service: shop\nprovider: aws\nfuncs: {}", "serverless.yml:3: funcs: the key \"funcs\" is not known; known are service, provider, functions, package, custom, params, useDotenv, configValidationMode, resources, plugins, layers, outputs, mayfly.")]
    [InlineData("service: shop\nprovider: aws\nfunctions:\n  a: {}", "serverless.yml:4: functions.a.runtime: is missing; set it here or in provider.runtime.")]
    [InlineData("service: shop\nprovider: aws\nfunctions:\n  a:", "serverless.yml:4: functions.a: must be a map of keys, not empty.")]
    [InlineData("service: shop\nprovider: aws\nfunctions:\n  a: { runtime: python3.12 }", "serverless.yml:4: functions.a.handler: is missing; write the entry point, for example handler: app.handler.")]
    [InlineData("service: shop\nprovider: aws\nfunctions:\n  a b: { runtime: python3.12, handler: x.y }", "serverless.yml:4: functions.a b: the key of a function has letters, digits, - and _ only.")]
    [InlineData("service: shop\nprovider: { name: aws, stage: a/b }", "serverless.yml:2: provider.stage: \"a/b\" cannot be used: letters, digits and - only.")]
    [InlineData("service: shop\nprovider: aws\n---\nservice: two", "serverless.yml:3: a second document begins here; a manifest is one document.")]
    [InlineData("service: shop\nprovider: aws\nfunctions:\n  a: { runtime: python3.12, handler: x.y, name: same }\n  b: { runtime: python3.12, handler: x.y, name: same }", "serverless.yml:5: functions.b.name: \"same\" is the name of function 'a' already.")]
    [InlineData("service: shop\n? [a]\n: b", "serverless.yml:2: a key must be text.")]
    public void WrongManifest_IsRefusedAtItsLine(string text, string message)
    {
        using var folder = new ServiceFolder(text);
        folder.Refusal().ShouldBe(message);
    }

    [Fact]
    public void BrokenYaml_NamesItsLine()
    {
        using var folder = new ServiceFolder("service: shop\nprovider: {name: aws\nfunctions: ]");
        folder.Refusal().ShouldStartWith("serverless.yml:");
        folder.Refusal().ShouldContain("this is not YAML: ");
    }

    [Fact]
    public void NameTooLongWithServiceAndStage_IsRefused()
    {
        using var folder = new ServiceFolder($"service: {new string('s', 40)}\nprovider: {{ name: aws, runtime: python3.12 }}\nfunctions:\n  {new string('f', 30)}: {{ handler: a.b }}\n");
        folder.Refusal().ShouldContain("has 75 characters; 64 are allowed. Set a shorter \"name\".");
    }

    [Fact]
    public void EnvironmentOver4KiB_IsRefused()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction($"environment: {{ A: '{new string('x', 4096)}' }}"));
        folder.Refusal().ShouldBe("serverless.yml:8: functions.hello.environment: all variables together are 4097 bytes; 4096 are allowed.");
    }

    [Fact]
    public void ErrorInAnIncludedFile_NamesThatFile()
    {
        using var folder = new ServiceFolder("service: shop\nprovider: { name: aws, runtime: python3.12 }\nfunctions: ${file(parts/functions.yml)}\n")
            .With("parts/functions.yml", "a:\n  handler: x.y\n  timeot: 4\n");
        folder.Refusal().ShouldBe("parts/functions.yml:3: functions.a.timeot: the key \"timeot\" is not known; did you mean \"timeout\"?");
    }

    [Fact]
    public void UnknownKeyBesidePlugins_IsANoticeUnlessItIsATypo()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("prewarmSettings: true\nevents:\n  - customThing: 1", "plugins: [serverless-plugin-x]\n"));
        folder.Read().Notices.Select(notice => notice.Message).ShouldContain("functions.hello.prewarmSettings: the key \"prewarmSettings\" is not known; if it belongs to a plugin, it is not active here.");
        using var typo = new ServiceFolder(ServiceFolder.OneFunction("handlr: x", "plugins: [serverless-plugin-x]\n"));
        typo.Refusal().ShouldContain("did you mean \"handler\"?");
    }

    [Fact]
    public void ConfigValidationModeWarn_TurnsUnknownKeysIntoNotices()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("handlr: x", "configValidationMode: warn\n"));
        folder.Read().Notices.ShouldHaveSingleItem().Message.ShouldContain("did you mean \"handler\"?; it is ignored");
    }

    [Fact]
    public void BombOfAliases_IsRefusedQuickly()
    {
        var text = "service: shop\nprovider: aws\ncustom:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 30).Select(i => $"  a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        using var folder = new ServiceFolder(text);
        folder.Refusal().ShouldContain("this is more than 200000 values when its aliases are written out.");
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        using var yaml = new ServiceFolder("service: shop\ncustom: " + new string('[', 50_000));
        yaml.Refusal().ShouldContain("nested more than 100 deep");
        using var json = new ServiceFolder().With("serverless.json", "{\"custom\": " + new string('[', 50_000));
        json.Refusal().ShouldStartWith("serverless.json:1: this is not JSON");
    }

    [Fact]
    public void FileThatIsNoText_IsRefused()
    {
        using var folder = new ServiceFolder();
        File.WriteAllBytes(Path.Combine(folder.Folder, "serverless.yml"), [0xff, 0xfe, 0x00, 0xd8]);
        folder.Refusal().ShouldBe("serverless.yml:1: the file serverless.yml is not UTF-8 text.");
    }

    [Fact]
    public void RandomBytesOfYaml_NeverFailOtherwise()
    {
        var random = new Random(7);
        const string Alphabet = "ab:- \n{}[]!&*|>'\"#%@`,?\t<0.$~\\";
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            using var folder = new ServiceFolder("service: shop\nprovider: aws\ncustom: ${self:x.y, null}\nfunctions: " + text);
            try
            {
                folder.Read();
            }
            catch (Mayfly.Server.Services.ManifestException e)
            {
                e.Line.ShouldBeGreaterThan(0, text);
            }
        }
    }
}

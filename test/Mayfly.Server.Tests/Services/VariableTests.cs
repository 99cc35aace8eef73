using System.Diagnostics;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

public sealed class VariableTests
{
    [Theory]
    [InlineData("${self:custom.a.0}", "first")]
    [InlineData("${self:custom.a.1.b}", "second")]
    [InlineData("x-${self:custom.number}-${self:custom.flag}", "x-7-true")]
    [InlineData("${self:service}", "shop")]
    [InlineData("${self:provider.stage}", "dev")]
    [InlineData("${self:provider.region}", "us-east-1")]
    [InlineData("${sls:stage}/${aws:region}/${aws:accountId}", "dev/us-east-1/000000000000")]
    [InlineData("${env:HOME_TOWN}", "Bern")]
    [InlineData("${env:MISSING, 'fallback'}", "fallback")]
    [InlineData("${env:MISSING, \"a, \\\"quoted\\\" } text\"}", "a, \"quoted\" } text")]
    [InlineData("${env:MISSING, ''}", "")]
    [InlineData("${env:MISSING, 12}", "12")]
    [InlineData("${env:MISSING, 1.50}", "1.5")]
    [InlineData("${env:MISSING, true}", "true")]
    [InlineData("${env:MISSING, self:custom.none, opt:none, env:HOME_TOWN}", "Bern")]
    [InlineData("${env:MISSING, ${self:custom.none, 'inner'}}", "inner")]
    [InlineData("${opt:color}", "red")]
    [InlineData("${opt:stage, 'none'}", "none")]
    [InlineData("${param:given}", "from-command-line")]
    [InlineData("${param:of-stage}", "dev-value")]
    [InlineData("${param:of-default}", "default-value")]
    [InlineData("${self:custom.${sls:stage}.url}", "https://dev.example")]
    [InlineData("${self:custom.${self:custom.which${self:custom.letter}}.url}", "https://dev.example")]
    [InlineData("${file(extra.yml):deep.${sls:stage}}", "deep-dev")]
    [InlineData("${file(./extra.json):list.1}", "two")]
    [InlineData("${file(extra-${sls:stage}.yml):x}", "staged")]
    [InlineData("${file(note.txt)}", "plain ${self:service} text")]
    [InlineData("${file(gone.yml):x, 'no file'}", "no file")]
    [InlineData("${file(extra.yml):gone, 'no key'}", "no key")]
    [InlineData("${file(extra.yml):fromMain}", "first")]
    [InlineData("${strToBool(${env:ONE})}", "true")]
    [InlineData("${strToBool('false')}", "false")]
    [InlineData("${ssm:/secret, 'offline'}", "offline")]
    [InlineData("${cf(us-east-1):stack.Output, 'offline'}", "offline")]
    [InlineData("\\${self:service}", "${self:service}")]
    [InlineData("${AWS::Region}", "${AWS::Region}")]
    [InlineData("${PORT:-8080} ${name} $x ${", "${PORT:-8080} ${name} $x ${")]
    [InlineData("${Outer-${self:service}}", "${Outer-shop}")]
    [InlineData("${env:TRICKY}", "${self:service}")]
    [InlineData("${ self:service }", "${ self:service }")]
    [InlineData("${self: custom.number , 'x'}", "7")]
    public void Variable_HasItsValue(string variable, string value)
    {
        using var folder = Folder(variable);
        folder.Environment["HOME_TOWN"] = "Bern";
        folder.Environment["ONE"] = "1";
        folder.Environment["TRICKY"] = "${self:service}";
        var manifest = folder.Read(options => options with
        {
            Options = new Dictionary<string, string>(StringComparer.Ordinal) { ["color"] = "red" },
            Parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["given"] = "from-command-line" },
        });
        manifest.Functions[0].Config.Environment["V"].ShouldBe(value);
    }

    [Theory]
    [InlineData("${env:MISSING}", "${env:MISSING} has no value: the environment variable MISSING is not set; set it, or give a default: ${env:MISSING, 'value'}.")]
    [InlineData("${opt:gone}", "${opt:gone} has no value: the option --gone is not given; give it, or give a default: ${opt:gone, 'value'}.")]
    [InlineData("${self:custom.gone}", "${self:custom.gone} has no value: \"custom.gone\" is not in the manifest; add it, or give a default: ${self:custom.gone, 'value'}.")]
    [InlineData("${param:gone}", "${param:gone} has no value: the parameter gone is neither given with --param nor in params.dev or params.default; add it, or give a default: ${param:gone, 'value'}.")]
    [InlineData("${file(gone.yml):x}", "${file(gone.yml):x} has no value: the file gone.yml is not there; add it, or give a default: ${file(gone.yml):x, 'value'}.")]
    [InlineData("${file(extra.yml):gone}", "${file(extra.yml):gone} has no value: the file extra.yml has no \"gone\"; add it, or give a default: ${file(extra.yml):gone, 'value'}.")]
    [InlineData("${file(code.js):x}", "${file(code.js):x}: code is not run to read a manifest; write the values into a YAML or JSON file, or use ${env:NAME}.")]
    [InlineData("${file(/etc/hostname)}", "${file(/etc/hostname)}: the path must be relative to the manifest's folder.")]
    [InlineData("${ssm:/secret}", "${ssm:/secret} has no value: the source \"ssm\" reads from a remote service, which is not reached from here; give a default (${ssm:/secret, 'value'}) or use ${env:NAME}.")]
    [InlineData("${slef:service}", "${slef:service}: \"slef\" is no source of variables; did you mean \"self\"?; known are self, env, opt, file, sls, aws, param, strToBool. Write \\${ for a plain \"${\".")]
    [InlineData("${sls:stag}", "${sls:stag}: \"sls\" has \"stage\" and \"instanceId\", not \"stag\".")]
    [InlineData("${opt:stage, dev}", "\"dev\" in ${opt:stage, dev} is no source: write 'dev' in quotes if it is a text; write \\${ for a plain \"${\".")]
    [InlineData("${self:service", "${self:service is not closed by \"}\"; write \\${ for a plain \"${\".")]
    [InlineData("${env:X, 'a}", "a quote is not closed in ${env:X, 'a}; write \\${ for a plain \"${\".")]
    [InlineData("x ${self:custom}", "${self:custom} is a map and cannot stand inside a text.")]
    [InlineData("${strToBool('maybe')}", "${strToBool('maybe')}: \"maybe\" is neither true, false, 1 nor 0.")]
    public void VariableWithoutAValue_SaysWhatToDo(string variable, string problem)
    {
        using var folder = Folder(variable);
        folder.Refusal().ShouldBe($"serverless.yml:17: {problem}");
    }

    [Fact]
    public void WholeValue_KeepsItsType()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: ${self:custom.provider}
            custom:
              provider: { name: aws, runtime: python3.12, environment: '${file(env.yml)}' }
              memory: 256
              routes:
                - httpApi: GET /a
                - httpApi: { method: post, path: '/${sls:stage}' }
            functions:
              hello:
                handler: a.b
                memorySize: ${self:custom.memory}
                timeout: ${env:TIMEOUT, 9}
                url: ${strToBool('true')}
                events: ${self:custom.routes}
            """).With("env.yml", "A: 1\nB: ${self:service}\n");
        var manifest = folder.Read();
        var function = manifest.Functions[0];
        function.Config.MemoryMb.ShouldBe(256);
        function.Config.TimeoutSeconds.ShouldBe(9);
        function.Config.Environment.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(["A=1", "B=shop"]);
        function.Url.ShouldNotBeNull();
        manifest.Routes.Select(route => $"{route.Method} {route.Path}").ShouldBe(["GET /a", "POST /dev"]);
    }

    [Theory]
    [InlineData("a: '${self:custom.a}'", "${self:custom.a} → ${self:custom.a}")]
    [InlineData("a: '${self:custom.b}'\n  b: '${self:custom.c}'\n  c: 'x${self:custom.a}'", "${self:custom.b} → ${self:custom.c} → x${self:custom.a} → ${self:custom.b}")]
    [InlineData("a: { b: '${self:custom.a}' }", "${self:custom.a} → ${self:custom.a}")]
    [InlineData("a: { b: ['${self:custom.c}'] }\n  c: { d: '${self:custom.a}' }", "${self:custom.a} → ${self:custom.c} → ${self:custom.a}")]
    public void Circle_IsNamed(string custom, string circle)
    {
        using var folder = new ServiceFolder($"service: shop\nprovider: {{ name: aws, runtime: python3.12, environment: {{ V: '${{self:custom.a}}' }} }}\ncustom:\n  {custom}\nfunctions: {{}}\n");
        folder.Refusal().ShouldEndWith($": variables go round in a circle: {circle}.");
    }

    [Fact]
    public void StageThatAsksForItself_IsACircle()
    {
        using var folder = new ServiceFolder("service: shop\nprovider:\n  name: aws\n  stage: ${opt:stage, self:provider.stage}\n");
        folder.Refusal().ShouldStartWith("serverless.yml:4: variables go round in a circle: ${opt:stage, self:provider.stage}");
        folder.Read(options => options with { Stage = "prod" }).Stage.ShouldBe("prod");
    }

    [Fact]
    public void PartOfAMapThatAsksForItsNeighbour_IsNoCircle()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("environment: { V: '${self:custom.x}' }", "custom: ${file(custom.yml)}\n"))
            .With("custom.yml", "x: ${self:custom.y}\ny: ${self:custom.z.0}\nz: ['done']\n");
        folder.Read().Functions[0].Config.Environment["V"].ShouldBe("done");
    }

    [Theory]
    [InlineData("dev", "stage-file")]
    [InlineData("prod", "plain-file")]
    public void EnvFile_IsTheStagesElseThePlainOne(string stage, string value)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("environment: { V: '${env:V}', SET: '${env:SET}', Q: '${env:Q, 1}' }", "useDotenv: true\n"))
            .With(".env.dev", "V=stage-file # comment\nSET=file\nexport Q=\"two\\nlines\"\n")
            .With(".env", "V='plain-file'\nSET=file\n");
        folder.Environment["SET"] = "outside";
        var manifest = folder.Read(options => options with { Stage = stage });
        manifest.Functions[0].Config.Environment["V"].ShouldBe(value);
        manifest.Functions[0].Config.Environment["SET"].ShouldBe("outside");
        manifest.Functions[0].Config.Environment["Q"].ShouldBe(stage == "dev" ? "two\nlines" : "1");
        manifest.Files.Select(Path.GetFileName).ShouldContain($".env.{stage}");
    }

    [Fact]
    public void InstanceId_IsTheSameAtEveryReading()
    {
        using var folder = Folder("${sls:instanceId}");
        folder.Read().Functions[0].Config.Environment["V"].ShouldBe(folder.Read().Functions[0].Config.Environment["V"]);
    }

    [Fact]
    public void BombOfVariables_IsRefusedQuickly()
    {
        var text = "service: shop\nprovider: { name: aws, runtime: python3.12, tags: { t: '${self:custom.t40}' } }\ncustom:\n  t0: xxxxxxxxxx\n"
            + string.Concat(Enumerable.Range(1, 40).Select(i => $"  t{i}: '${{self:custom.t{i - 1}}}${{self:custom.t{i - 1}}}'\n"));
        var watch = Stopwatch.StartNew();
        using (var folder = new ServiceFolder(text))
        {
            folder.Refusal().ShouldContain("grows past 256 KiB");
        }
        var lists = "service: shop\nprovider: { name: aws, runtime: python3.12 }\npackage: { patterns: '${self:custom.t40}' }\ncustom:\n  t0: [x]\n"
            + string.Concat(Enumerable.Range(1, 40).Select(i => $"  t{i}: ['${{self:custom.t{i - 1}}}', '${{self:custom.t{i - 1}}}']\n"));
        using (var folder = new ServiceFolder(lists))
        {
            folder.Refusal().ShouldContain("more than 200000 values once its variables are resolved");
        }
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void LongChainOfVariables_IsRefusedAndDoesNotCrash()
    {
        var text = "service: shop\nprovider: { name: aws, runtime: python3.12, tags: { t: '${self:custom.t5000}' } }\ncustom:\n  t0: x\n"
            + string.Concat(Enumerable.Range(1, 5000).Select(i => $"  t{i}: '${{self:custom.t{i - 1}}}'\n"));
        using var folder = new ServiceFolder(text);
        folder.Refusal().ShouldContain("nested more than 100 deep");
    }

    /// <summary>Random graphs of variables: with an order among the names there is always a value, and with a circle always a refusal.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomNesting_ResolvesAsAModelSays(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            var values = new List<string>();
            var lines = new List<string>();
            for (var i = 0; i < 12; i++)
            {
                var (text, value) = Piece(random, values, 0);
                lines.Add($"  k{i}: '{text.Replace("'", "''", StringComparison.Ordinal)}'\n  k{i}name: k{i}\n");
                values.Add(value);
            }
            using var folder = new ServiceFolder(ServiceFolder.OneFunction("environment: { V: 'v${self:custom.k11}' }", $"custom:\n{string.Concat(lines)}"));
            folder.Read().Functions[0].Config.Environment["V"].ShouldBe("v" + values[11], string.Concat(lines));

            var from = random.Next(12);
            lines[from] = $"  k{from}: 'x${{self:custom.k11}}'\n  k{from}name: k{from}\n";
            lines[11] = $"  k11: '${{self:custom.k{from}}}'\n  k11name: k11\n";
            using var circle = new ServiceFolder(ServiceFolder.OneFunction("environment: { V: 'v${self:custom.k11}' }", $"custom:\n{string.Concat(lines)}"));
            circle.Refusal().ShouldContain("circle");
        }
    }

    private static (string Text, string Value) Piece(Random random, List<string> earlier, int depth)
    {
        var other = earlier.Count == 0 ? -1 : random.Next(earlier.Count);
        switch (depth > 2 || other < 0 ? 0 : random.Next(6))
        {
            case 1:
                return ($"${{self:custom.k{other}}}", earlier[other]);
            case 2:
                return ($"${{self:custom.${{self:custom.k{other}name}}}}", earlier[other]);
            case 3:
                return ($"${{env:NONE, self:custom.k{other}}}", earlier[other]);
            case 4:
                var (text, value) = Piece(random, earlier, depth + 1);
                return ($"a{text}b", $"a{value}b");
            case 5:
                var (left, leftValue) = Piece(random, earlier, depth + 1);
                var (right, rightValue) = Piece(random, earlier, depth + 1);
                return (left + right, leftValue + rightValue);
            default:
                var plain = "t" + random.Next(1000);
                return (plain, plain);
        }
    }

    /// <summary>A service whose function has the variable on line 17.</summary>
    private static ServiceFolder Folder(string variable) => new ServiceFolder($$"""
        service: shop
        provider: { name: aws, runtime: python3.12 }
        params:
          dev: { of-stage: dev-value }
          default: { of-stage: wrong, of-default: default-value, given: wrong }
        custom:
          a: [first, { b: second }]
          number: 7
          flag: true
          whichA: dev
          letter: A
          dev: { url: 'https://${sls:stage}.example' }
        functions:
          hello:
            handler: a.b
            environment:
              V: '{{variable.Replace("'", "''", StringComparison.Ordinal)}}'
        """)
        .With("extra.yml", "deep:\n  dev: deep-dev\nfromMain: ${self:custom.a.0}\n")
        .With("extra.json", """{ "list": ["one", "two"] }""")
        .With("extra-dev.yml", "x: staged\n")
        .With("note.txt", "plain ${self:service} text")
        .With("code.js", "module.exports = {}");
}

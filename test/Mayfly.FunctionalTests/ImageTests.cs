using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Functions that are container images, made here without a container engine: one static program and nothing else.</summary>
public sealed class ImageTests(SharedServer shared)
{
    private const string Program = """
        package main

        import (
        	"bytes"
        	"encoding/json"
        	"io"
        	"net/http"
        	"os"
        	"path/filepath"
        	"strings"
        )

        func read(path string) string {
        	content, _ := os.ReadFile(path)
        	return string(content)
        }

        func main() {
        	if filepath.Dir(os.Args[0]) == "/opt/extensions" {
        		extension()
        		return
        	}
        	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
        	for {
        		next, err := http.Get(api + "next")
        		if err != nil {
        			os.Exit(1)
        		}
        		event, _ := io.ReadAll(next.Body)
        		cwd, _ := os.Getwd()
        		root, _ := filepath.Glob("/*")
        		env := map[string]string{}
        		for _, line := range os.Environ() {
        			name, value, _ := strings.Cut(line, "=")
        			env[name] = value
        		}
        		status := map[string]string{}
        		for _, line := range strings.Split(read("/proc/self/status"), "\n") {
        			name, value, _ := strings.Cut(line, ":")
        			status[name] = strings.TrimSpace(value)
        		}
        		answer, _ := json.Marshal(map[string]any{
        			"event": json.RawMessage(event), "args": os.Args, "cwd": cwd, "uid": os.Getuid(), "gid": os.Getgid(), "root": root, "env": env, "status": status,
        			"data": read("/data"), "kept": read("/layers/kept"), "gone": read("/layers/gone"), "link": read("/link"), "hosts": read("/etc/hosts"), "passwd": read("/etc/passwd"),
        			"shadow": read("/etc/shadow"), "wroteRoot": os.WriteFile("/work/x", []byte("x"), 0o666) == nil, "wroteTmp": os.WriteFile("/tmp/x", []byte("x"), 0o666) == nil,
        		})
        		done, err := http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", bytes.NewReader(answer))
        		if err != nil {
        			os.Exit(1)
        		}
        		done.Body.Close()
        	}
        }

        func extension() {
        	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension/"
        	request, _ := http.NewRequest("POST", api+"register", strings.NewReader(`{"events":["INVOKE"]}`))
        	request.Header.Set("Lambda-Extension-Name", filepath.Base(os.Args[0]))
        	registered, err := http.DefaultClient.Do(request)
        	if err != nil {
        		os.Exit(1)
        	}
        	for {
        		request, _ = http.NewRequest("GET", api+"event/next", nil)
        		request.Header.Set("Lambda-Extension-Identifier", registered.Header.Get("Lambda-Extension-Identifier"))
        		next, err := http.DefaultClient.Do(request)
        		if err != nil {
        			return
        		}
        		event, _ := io.ReadAll(next.Body)
        		os.Stdout.WriteString("extension of the image saw " + string(event) + "\n")
        	}
        }
        """;

    private const string Boto3 = """
        import hashlib, io, json, os, subprocess, sys, tarfile
        import boto3
        from botocore.config import Config
        from botocore.exceptions import ClientError

        endpoint, dotnet, mayfly, binary = sys.argv[1:5]
        client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}, parameter_validation=False))
        role = "arn:aws:iam::000000000000:role/any"

        def cli(*words):
            ran = subprocess.run([dotnet, mayfly, "image", *words, "--endpoint", endpoint], capture_output=True, text=True)
            assert ran.returncode == 0, ran
            return ran.stdout

        def layer(*entries):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as tar:
                for name, content in entries:
                    info = tarfile.TarInfo(name)
                    if isinstance(content, str):
                        info.type, info.linkname = tarfile.SYMTYPE, content
                        tar.addfile(info)
                    else:
                        info.size, info.mode = len(content), 0o755
                        tar.addfile(info, io.BytesIO(content))
            return buffer.getvalue()

        def save(path, config, *layers):
            described = json.dumps({"architecture": "amd64", "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]}}).encode()
            name = hashlib.sha256(described).hexdigest() + ".json"
            manifest = json.dumps([{"Config": name, "RepoTags": None, "Layers": [f"{i}/layer.tar" for i in range(len(layers))]}]).encode()
            with open(path, "wb") as out:
                out.write(layer((name, described), ("manifest.json", manifest), *((f"{i}/layer.tar", l) for i, l in enumerate(layers))))

        def refused(code, text, call, **arguments):
            try:
                call(**arguments)
            except ClientError as e:
                assert e.response["Error"]["Code"] == code and text in e.response["Error"]["Message"], e
                return
            raise AssertionError("not refused: " + text)

        def call(name, event=None):
            answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
            payload = json.load(answer["Payload"])
            assert "FunctionError" not in answer, payload
            return payload

        def fails(name):
            answer = client.invoke(FunctionName=name)
            assert answer["FunctionError"] == "Unhandled", answer
            return json.load(answer["Payload"])

        # A root file system, added by its folder.
        program = open(binary, "rb").read()
        for folder in ("root/bin", "root/work", "root/lib"):
            os.makedirs(folder)
        for path, content in (("root/bin/app", program), ("root/data", b"one"), ("root/script", b"no program"), ("root/bin/interpreted", b"#!/bin/missing\n"), ("root/lib/libcap-ng.so.0", b"no library")):
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o755)
        os.chmod("root/data", 0o644)
        os.symlink("/data", "root/link")
        cli("add", "e2e/image:1", "root", "--entrypoint", "app", "--cmd", '["first", "a b"]', "--workdir", "/work", "--env", "GREETING=hi", "--env", "AWS_REGION=nowhere", "--env", "PATH=/bin", "--env", "LD_LIBRARY_PATH=/lib")

        uri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/e2e/image:1"
        create = dict(FunctionName="e2e-image", PackageType="Image", Role=role, Timeout=20, MemorySize=256)
        refused("InvalidParameterValueException", "Source image e2e/none:1 does not exist. Provide a valid source image.", client.create_function, Code={"ImageUri": "e2e/none:1"}, **create)
        refused("InvalidParameterValueException", "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.", client.create_function, Code={"ImageUri": uri}, Handler="app.handler", **create)
        refused("InvalidParameterValueException", "Runtime and Handler are mandatory", client.create_function, FunctionName="e2e-image", Role=role, Code={"ImageUri": uri})
        refused("InvalidParameterValueException", "at 'runtime' failed", client.create_function, FunctionName="e2e-image", Role=role, Runtime="image", Handler="x", Code={"ZipFile": b""})
        made = client.create_function(Code={"ImageUri": uri}, Environment={"Variables": {"GREETING": "hello"}}, Publish=True, **create)
        assert made["PackageType"] == "Image" and "Runtime" not in made and "Handler" not in made and made["CodeSize"] == 0 and "ImageConfigResponse" not in made, made
        got = client.get_function(FunctionName="e2e-image")
        assert got["Code"]["RepositoryType"] == "ECR" and got["Code"]["ImageUri"] == uri, got
        assert got["Code"]["ResolvedImageUri"] == uri[:-2] + "@sha256:" + made["CodeSha256"], got
        assert got["Configuration"]["State"] == "Active" and "RuntimeVersionConfig" not in got["Configuration"], got

        first = call("e2e-image", {"n": 1})
        assert first["event"] == {"n": 1} and first["args"] == ["/bin/app", "first", "a b"] and first["cwd"] == "/work", first
        assert first["data"] == "one" and first["link"] == "one" and first["root"] == ["/" + n for n in (".mayfly", "bin", "data", "dev", "etc", "lib", "link", "proc", "script", "tmp", "work")], first["root"]
        assert first["env"]["GREETING"] == "hello" and first["env"]["AWS_REGION"] == "us-east-1" and first["env"]["PATH"] == "/bin" and first["env"]["LD_LIBRARY_PATH"] == "/lib", first["env"]
        assert "_HANDLER" not in first["env"] and first["env"]["LAMBDA_TASK_ROOT"] == "/var/task", first["env"]
        assert "sandbox.localdomain" in first["hosts"] and "sbx_user" in first["passwd"] and first["shadow"] == "", first
        assert not first["wroteRoot"] and first["wroteTmp"], first
        status = first["status"]
        assert first["uid"] != 0 and first["uid"] == first["gid"] and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", first
        assert all(int(status[s], 16) == 0 for s in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")), status

        # Its settings, changed.
        changed = client.update_function_configuration(FunctionName="e2e-image", ImageConfig={"Command": ["second"], "WorkingDirectory": "/"})
        assert changed["ImageConfigResponse"] == {"ImageConfig": {"Command": ["second"], "WorkingDirectory": "/"}}, changed
        second = call("e2e-image")
        assert second["args"] == ["/bin/app", "second"] and second["cwd"] == "/", second
        for config, kind, text in (
            ({"WorkingDirectory": "/nowhere"}, "Runtime.InvalidWorkingDir", "the working directory doesn't exist: /nowhere"),
            ({"WorkingDirectory": "work"}, "Runtime.InvalidWorkingDir", "the working directory 'work' is invalid, it needs to be an absolute path"),
            ({"EntryPoint": ["app.handler"]}, "Runtime.InvalidEntrypoint", 'exec: "app.handler": executable file not found in $PATH'),
            ({"EntryPoint": ["/app"]}, "Runtime.InvalidEntrypoint", "fork/exec /app: no such file or directory"),
            ({"EntryPoint": ["/data"]}, "Runtime.InvalidEntrypoint", "fork/exec /data: permission denied"),
            ({"EntryPoint": ["/script"]}, "Runtime.InvalidEntrypoint", "fork/exec /script: exec format error"),
            ({"EntryPoint": ["interpreted"]}, "Runtime.InvalidEntrypoint", "fork/exec /bin/interpreted: no such file or directory"),
        ):
            client.update_function_configuration(FunctionName="e2e-image", ImageConfig=config)
            failed = fails("e2e-image")
            assert failed["errorType"] == kind and failed["errorMessage"].endswith("Error: " + text) and failed["errorMessage"].startswith("RequestId: "), failed
        reset = client.update_function_configuration(FunctionName="e2e-image", ImageConfig={})
        assert "ImageConfigResponse" not in reset and call("e2e-image")["args"][1] == "first"
        refused("InvalidParameterValueException", "Handler or Runtime or Layer", client.update_function_configuration, FunctionName="e2e-image", Runtime="python3.12")

        # Another image of two layers, from an archive.
        save("two.tar", {"Entrypoint": ["/bin/app"], "Cmd": None}, layer(("bin/app", program), ("data", b"low"), ("layers/gone", b"x"), ("layers/kept", b"kept"), ("etc/shadow", b"of the image")), layer(("data", b"two"), ("layers/.wh.gone", b""), ("work/x", b"")))
        cli("add", "e2e/image:2", "two.tar")
        refused("InvalidParameterValueException", "Please provide ImageUri when updating a function with packageType Image.", client.update_function_code, FunctionName="e2e-image", ZipFile=b"x")
        updated = client.update_function_code(FunctionName="e2e-image", ImageUri="e2e/image:2")
        two = call("e2e-image")
        assert two["data"] == "two" and two["kept"] == "kept" and two["gone"] == "" and two["cwd"] == "/" and two["args"] == ["/bin/app"] and two["shadow"] == "of the image", two
        digest = updated["CodeSha256"]
        client.update_function_code(FunctionName="e2e-image", ImageUri="e2e/image@sha256:" + digest)
        refused("InvalidParameterValueException", "does not exist", client.update_function_code, FunctionName="e2e-image", ImageUri="e2e/image@sha256:" + "0" * 64)

        # What runs goes on when the name is gone, and the published version has the first image still.
        assert [i["image"] for i in json.loads(cli("ls", "--json"))] == ["e2e/image:1", "e2e/image:2"]
        cli("rm", "e2e/image:1")
        cli("rm", "e2e/image:2")
        client.update_function_configuration(FunctionName="e2e-image", MemorySize=300)
        assert call("e2e-image")["data"] == "two" and call("e2e-image:1")["data"] == "one"
        refused("InvalidParameterValueException", "does not exist", client.update_function_code, FunctionName="e2e-image", ImageUri="e2e/image:2")
        client.delete_function(FunctionName="e2e-image")
        refused("InvalidParameterValueException", "Please don't provide ImageUri when updating a function with packageType Zip.", client.update_function_code, FunctionName="echo", ImageUri=uri)

        # Extensions of the image, which need its shell.
        shell = layer(("bin/app", program), ("opt/extensions/watcher", program))
        save("extended.tar", {"Entrypoint": ["/bin/app"]}, shell)
        cli("add", "e2e/extended", "extended.tar")
        client.create_function(**{**create, "FunctionName": "e2e-extended"}, Code={"ImageUri": "e2e/extended"})
        assert fails("e2e-extended")["errorType"] == "Extension.LaunchError"
        libraries = [w for w in subprocess.run(["/bin/sh", "-c", "true"], env={"LD_TRACE_LOADED_OBJECTS": "1"}, capture_output=True, text=True).stdout.split() if w.startswith("/")]
        save("extended.tar", {"Entrypoint": ["/bin/app"]}, shell, layer(*((path[1:], open(path, "rb").read()) for path in ["/bin/sh", *libraries])))
        cli("add", "e2e/extended", "extended.tar")
        client.update_function_code(FunctionName="e2e-extended", ImageUri="e2e/extended")
        assert call("e2e-extended", 7)["event"] == 7
        call("e2e-extended", 8)
        said = subprocess.run([dotnet, mayfly, "logs", "e2e-extended", "--endpoint", endpoint], capture_output=True, text=True).stdout
        assert "extension of the image saw" in said and '"eventType":"INVOKE"' in said, said
        client.delete_function(FunctionName="e2e-extended")
        cli("rm", "e2e/extended")
        print("all is well")
        """;

    [Fact]
    public async Task Image_IsAddedRunUpdatedAndRemoved()
    {
        await Machine.NeedSandboxesAsync();
        var go = Machine.Need("go", "golang-go");
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder().Write("main.go", Program).Write("go.mod", "module app\n").Write("job.py", Boto3);
        (await Tool.RunAsync(go, ["build", "-o", "app", "."], folder: folder.Path, environment: new Dictionary<string, string?> { ["CGO_ENABLED"] = "0", ["GOFLAGS"] = "-mod=mod", ["GOTOOLCHAIN"] = "local" }, seconds: 300)).ShouldSucceed();

        var outcome = await Tool.RunAsync(python, [folder["job.py"], server.Endpoint, Machine.Dotnet, Machine.MayflyAssembly, folder["app"]], folder: folder.Path, seconds: 240);

        outcome.ShouldSucceed().Text.Trim().ShouldBe("all is well");
    }
}

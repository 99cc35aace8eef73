using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

public sealed class FolderDiscoveryTests
{
    [Fact]
    public void OneHandler_IsOneFunctionWithAUrl()
    {
        var manifest = FolderDiscovery.Read("/x/my hello_1/", new(), [new("python3.12", "app.hello_world", "app.py")]);
        var function = manifest.Functions.ShouldHaveSingleItem();
        manifest.Name.ShouldBe("my-hello-1");
        manifest.File.ShouldBeNull();
        function.Name.ShouldBe("my-hello-1");
        function.Config.Runtime.ShouldBe("python3.12");
        function.Config.Handler.ShouldBe("app.hello_world");
        function.CodeFolder.ShouldBe("/x/my hello_1");
        function.Url.ShouldNotBeNull();
        manifest.Files.ShouldBe(["/x/my hello_1/app.py", .. ManifestReader.FileNames.Select(name => $"/x/my hello_1/{name}")]);
        manifest.Notices.Single().Message.ShouldContain("app.py is deployed as one function");
    }

    [Fact]
    public void OneNamedHandlerAmongSeveralInAFile_Counts() =>
        FolderDiscovery.Read("/x", new(), [new("python3.12", "app.a", "app.py"), new("python3.12", "app.handler", "app.py")])
            .Functions[0].Config.Handler.ShouldBe("app.handler");

    [Fact]
    public void NoHandler_IsRefusedWithAnExample() =>
        Should.Throw<ManifestException>(() => FolderDiscovery.Read("/x", new(), [])).Message
            .ShouldStartWith("serverless.yml:1: this folder has no manifest, and no file in it looks like a handler. Write a serverless.yml such as:\n  service: hello\n");

    [Fact]
    public void SeveralHandlers_AreListed()
    {
        var message = Should.Throw<ManifestException>(() => FolderDiscovery.Read("/x", new(), [new("python3.12", "app.a", "app.py"), new("nodejs20.x", "b.handler", "b.js")])).Message;
        message.ShouldContain("there are 2 handlers, and only one would do without a manifest (app.a in app.py, b.handler in b.js)");
        message.ShouldContain("runtime: python3.12");
        message.ShouldContain("handler: app.a");
    }
}

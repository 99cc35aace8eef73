namespace Mayfly.Server.Tests.Services;

public sealed class RouteTests
{
    [Fact]
    public void HttpApiEvents_BecomeRoutes()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - httpApi: '*'
              - httpApi: GET /
              - httpApi: get /orders/{id}
              - httpApi: '* /files/{proxy+}'
              - httpApi:
                  method: POST
                  path: /orders
            """));
        var routes = folder.Read().Routes;
        routes.Select(route => $"{route.Method} {route.Path}").ShouldBe(["ANY $default", "GET /", "GET /orders/{id}", "ANY /files/{proxy+}", "POST /orders"]);
        routes.ShouldAllBe(route => !route.Rest && route.PayloadFormat == "2.0" && route.Cors == null && route.Function == "shop-dev-hello");
    }

    [Fact]
    public void HttpEvents_BecomeRestRoutes()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - http: GET /
              - http: any /{proxy+}
              - http: { path: 'orders/{id}', method: put }
            """));
        var routes = folder.Read().Routes;
        routes.Select(route => $"{route.Method} {route.Path}").ShouldBe(["GET /", "ANY /{proxy+}", "PUT /orders/{id}"]);
        routes.ShouldAllBe(route => route.Rest && route.PayloadFormat == "1.0");
    }

    [Fact]
    public void PayloadFormat_IsTheProvidersUnlessTheFunctionSays()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: { name: aws, runtime: python3.12, httpApi: { payload: '1.0' } }
            functions:
              a: { handler: a.b, events: [httpApi: GET /a] }
              b: { handler: a.b, events: [httpApi: GET /b], httpApi: { payload: '2.0' } }
            """);
        folder.Read().Routes.Select(route => route.PayloadFormat).ShouldBe(["1.0", "2.0"]);
    }

    [Fact]
    public void HttpApiCors_AllowsTheMethodsOfAllRoutes()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: { name: aws, runtime: python3.12, httpApi: { cors: true } }
            functions:
              a: { handler: a.b, events: [httpApi: GET /a] }
              b: { handler: a.b, events: [httpApi: POST /b] }
            """);
        var cors = folder.Read().Routes[0].Cors.ShouldNotBeNull();
        cors.AllowOrigins.ShouldBe(["*"]);
        cors.AllowMethods.ShouldBe(["OPTIONS", "GET", "POST"]);
        cors.AllowHeaders.ShouldContain("Authorization");
    }

    [Fact]
    public void RestCors_AllowsTheMethodsOfItsPath()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - http: { path: /a, method: get, cors: true }
              - http: { path: /a, method: delete, cors: { origin: 'https://x.example', headers: [X-One], allowCredentials: true, maxAge: 5 } }
              - http: { path: /b, method: patch, cors: true }
              - http: { path: /c, method: get, cors: false }
            """));
        var routes = folder.Read().Routes;
        routes[0].Cors.ShouldNotBeNull().AllowMethods.ShouldBe(["OPTIONS", "GET", "DELETE"]);
        routes[1].Cors.ShouldNotBeNull().AllowOrigins.ShouldBe(["https://x.example"]);
        routes[1].Cors!.AllowHeaders.ShouldBe(["X-One"]);
        routes[1].Cors!.MaxAge.ShouldBe(5);
        routes[2].Cors.ShouldNotBeNull().AllowMethods.ShouldBe(["OPTIONS", "PATCH"]);
        routes[3].Cors.ShouldBeNull();
    }

    [Fact]
    public void GuardedRoute_IsSaidToBeOpen()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("events:\n  - http: { path: /a, method: get, private: true, authorizer: aws_iam }"));
        folder.Read().Notices.Select(notice => notice.Message).ShouldBe(
        [
            "functions.hello.events.0.http.authorizer is not active yet: everybody who reaches the server can call this route.",
            "functions.hello.events.0.http.private is not active yet: everybody who reaches the server can call this route.",
        ]);
    }

    [Fact]
    public void RouteOfTwoFunctions_IsRefused()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: { name: aws, runtime: python3.12 }
            functions:
              a: { handler: a.b, events: [httpApi: GET /a] }
              b: { handler: a.b, events: [httpApi: GET /a] }
            """);
        folder.Refusal().ShouldBe("serverless.yml:5: functions.b.events.0.httpApi: the route GET /a belongs to function 'a' already, line 4.");
    }
}

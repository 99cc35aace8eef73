namespace Hello;

/// <summary>What API Gateway and function URLs send, as far as this function reads it.</summary>
public sealed record Request(string? RawPath, Dictionary<string, string>? QueryStringParameters);

/// <summary>What they expect back.</summary>
public sealed record Response(int StatusCode, string Body);

/// <summary>Deployed as <c>Hello::Hello.Function::Handle</c>.</summary>
public sealed class Function
{
    public async Task<Response> Handle(Request request)
    {
        await Task.Yield();
        var name = request.QueryStringParameters?.GetValueOrDefault("name") ?? "World";
        return new Response(200, $"Hello {name} from C#!\n");
    }
}

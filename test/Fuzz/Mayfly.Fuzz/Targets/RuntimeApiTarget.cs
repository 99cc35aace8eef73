using System.Net;
using Mayfly.Fuzz.Serving;

namespace Mayfly.Fuzz.Targets;

/// <summary>What a program in a sandbox sends to the Runtime API and the Extensions API, while an invocation waits for it.</summary>
internal sealed class RuntimeApiTarget : IFuzzTarget
{
    private FuzzServer? _server;
    private byte[] _input = [];
    private string _statuses = "";
    private string? _fault;

    public string Name => "runtime-api";

    public IReadOnlyList<byte[]> Tokens { get; } = HttpShape.Tokens(
        "/2018-06-01/runtime/invocation/next", "/2018-06-01/runtime/invocation/@ID@/response", "/2018-06-01/runtime/invocation/@ID@/error", "/2018-06-01/runtime/init/error",
        "/2020-01-01/extension/register", "/2020-01-01/extension/event/next", "/2020-01-01/extension/init/error", "/2020-01-01/extension/exit/error", "/2022-07-01/telemetry", "/2020-08-15/logs",
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n", "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n", "Lambda-Extension-Name: ext\r\n", "Lambda-Extension-Identifier: 00000000-0000-0000-0000-000000000000\r\n",
        "Trailer: Lambda-Runtime-Function-Error-Type\r\n", "Content-Type: application/vnd.awslambda.http-integration-response\r\n", "{\"events\":[\"INVOKE\",\"SHUTDOWN\"]}", "{\"errorMessage\":\"m\",\"errorType\":\"t\",\"stackTrace\":[]}");

    public async Task StartAsync()
    {
        _server = await FuzzServer.StartAsync();
        _server.Sandboxd.Program = async (spec, _, stop) =>
        {
            using var raw = new RawHttp(IPEndPoint.Parse(spec.Environment["AWS_LAMBDA_RUNTIME_API"]));
            try
            {
                await raw.PlayAsync(_input, stop);
            }
            finally
            {
                _statuses = raw.Statuses();
                _fault = _statuses.Contains("500", StringComparison.Ordinal) ? raw.Answers.ToString() : null;
            }
        };
    }

    public async Task<string> RunAsync(byte[] input)
    {
        (_input, _statuses, _fault) = (input, "", null);
        var outcome = await _server!.InvokeAsync("api");
        return _fault is null ? $"{_statuses} | {outcome}" : throw new FuzzException($"the Runtime API answered 500: {_fault}");
    }

    public byte[] Shape(byte[] input, Random random) => HttpShape.Repair(input);

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>A function that streams, for tests: it does what the event says.</summary>
public static class StreamingFunction
{
    // {"do": …}, as the event itself or as the body of an HTTP request.
    private const string Code = """
        const http = require('http');
        const { Readable } = require('stream');
        const { pipeline } = require('stream/promises');
        const get = (url) => new Promise((done, failed) => http.get(url, (answer) => answer.resume().on('end', done)).on('error', failed));
        const jobs = {
          // Says the second part only after the test has answered a call that it answers when it has seen the first.
          async wait(job, stream) {
            stream.setContentType('text/plain');
            stream.write('first\n');
            await get(job.url);
            stream.write('second\n');
            stream.end();
          },
          async head(job, stream) {
            stream = awslambda.HttpResponseStream.from(stream, { statusCode: 418, headers: { 'X-Own': 'v', 'Content-Type': 'text/plain' }, cookies: ['a=1', 'b=2'] });
            stream.write('short ');
            stream.write('and stout');
            stream.end();
          },
          async many(job, stream) {
            const piece = Buffer.alloc(100_000, 'x');
            await pipeline(Readable.from((function* () { for (let sent = 0; sent < job.bytes; sent += piece.length) yield piece.subarray(0, Math.min(piece.length, job.bytes - sent)); })()), stream);
          },
          async fail(job, stream) {
            stream.write('first\n');
            throw new TypeError('no such luck');
          },
          async early() { throw new TypeError('no such luck'); },
          async exit(job, stream) {
            await new Promise((done) => stream.write('first\n', done));
            await get(job.url);
            process.exit(3);
          },
          async sleep(job, stream) {
            stream.write('first\n');
            await new Promise((done) => setTimeout(done, 60_000));
          },
        };
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
          const job = event.body ? JSON.parse(event.body) : event;
          await jobs[job.do](job, stream);
        });
        """;

    /// <summary>Makes it, with a URL that streams and, beside it, a twin with a URL that does not.</summary>
    public static async Task CreateAsync(MayflyServer server, string name, int timeout = 30)
    {
        Machine.Need("node", "nodejs");
        foreach (var (function, mode) in new[] { (name, "RESPONSE_STREAM"), (name + "-whole", "BUFFERED") })
        {
            var body = LambdaApi.Body(function, "nodejs20.x", "index.handler", Zip.Of(("index.js", Code)));
            body["Timeout"] = timeout;
            body["MemorySize"] = 256;
            using var made = await LambdaApi.TryCreateAsync(server, body);
            ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync());
            using var url = await server.Http.PostAsync($"/2021-10-31/functions/{function}/url", JsonContent.Create(new JsonObject { ["AuthType"] = "NONE", ["InvokeMode"] = mode }));
            ((int)url.StatusCode).ShouldBe(201, await url.Content.ReadAsStringAsync());
        }
    }
}

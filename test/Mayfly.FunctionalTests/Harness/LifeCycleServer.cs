namespace Mayfly.FunctionalTests.Harness;

/// <summary>One server with functions that look at their own environment and life.</summary>
public sealed class LifeCycleServer : IAsyncDisposable
{
    private const string Manifest = """
        service: life
        provider: { name: aws, runtime: python3.11, timeout: 6, environment: { TZ: of-the-user } }
        functions:
          pyenv: { name: pyenv, handler: app.environment }
          nodeenv: { name: nodeenv, runtime: nodejs20.x, handler: app.environment }
          shellenv: { name: shellenv, runtime: provided.al2023, handler: any, mayfly: { folder: shell } }
          wrapped: { name: wrapped, handler: app.environment, environment: { AWS_LAMBDA_EXEC_WRAPPER: /var/task/wrapper.sh } }
          wrappednode: { name: wrappednode, runtime: nodejs20.x, handler: app.environment, environment: { AWS_LAMBDA_EXEC_WRAPPER: /var/task/wrapper.sh } }
          unwrapped: { name: unwrapped, handler: app.environment, environment: { AWS_LAMBDA_EXEC_WRAPPER: /var/task/nothing.sh } }
          tmp: { name: tmp, handler: app.tmp }
          still: { name: still, handler: ticks.handler }
          running: { name: running, handler: ticks.handler, mayfly: { idle: run } }
          broken: { name: broken, handler: broken.handler }
          slowinit: { name: slowinit, handler: slow.handler, timeout: 30 }
          tooslowinit: { name: tooslowinit, handler: slow.handler, timeout: 2 }
          crash: { name: crash, handler: app.crash }
          heeding: { name: heeding, handler: heeding.handler }
        """;

    private readonly Lazy<Task<MayflyServer>> started;
    private readonly TemporaryFolder project = new();

    public LifeCycleServer() => started = new(StartAsync);

    /// <summary>The server.</summary>
    public Task<MayflyServer> GetAsync() => started.Value;

    public async ValueTask DisposeAsync()
    {
        if (started.IsValueCreated && started.Value.IsCompletedSuccessfully)
        {
            await (await started.Value).DisposeAsync();
        }

        project.Dispose();
    }

    private Task<MayflyServer> StartAsync()
    {
        project.Write("serverless.yml", Manifest)
            .Write("app.py", """
                import os

                def environment(event, context):
                    return dict(os.environ)

                def tmp(event, context):
                    with open("/tmp/calls", "a+") as calls:
                        calls.write("x")
                    return os.path.getsize("/tmp/calls")

                def crash(event, context):
                    if event:
                        os._exit(3)
                    return "well"
                """)
            .Write("ticks.py", """
                import threading, time

                ticks = calls = 0

                def tick():
                    global ticks
                    while True:
                        time.sleep(0.01)
                        ticks += 1

                threading.Thread(target=tick, daemon=True).start()

                def handler(event, context):
                    global ticks, calls
                    calls += 1
                    seen, ticks = ticks, 0
                    return {"ticks": seen, "calls": calls}
                """)
            .Write("broken.py", "import nothing\n")
            .Write("slow.py", "import time\ntime.sleep(10.5)\n\ndef handler(event, context):\n    return 'there'\n")
            .Write("heeding.py", """
                import signal, sys

                def end(number, frame):
                    print("asked to end", flush=True)
                    sys.exit(0)

                signal.signal(signal.SIGTERM, end)

                def handler(event, context):
                    return "here"
                """)
            .Write("app.js", "exports.environment = async () => process.env;\n")
            .Write("wrapper.sh", "#!/bin/sh\nexport WRAPPED_BY=\"$0\" WRAPPED_COMMAND=\"$*\"\nexec \"$@\"\n", executable: true)
            .Write("shell/bootstrap", """
                #!/bin/sh
                api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
                while true; do
                  curl -sS -D /tmp/headers -o /dev/null "$api/invocation/next" || exit 1
                  id=$(tr -d '\r' < /tmp/headers | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
                  env | sed 's/\\/\\\\/g; s/"/\\"/g; s/^\([A-Za-z_0-9]*\)=\(.*\)$/"\1": "\2",/' > /tmp/body
                  { echo "{"; cat /tmp/body; echo "\"end\": 1}"; } | curl -sS -o /dev/null -X POST "$api/invocation/$id/response" -d @-
                done
                """, executable: true);
        return MayflyServer.UpAsync(project.Path);
    }
}

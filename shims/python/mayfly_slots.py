"""
Several invocations at a time in one instance. Coroutines share one event loop; other handlers get one thread a slot.

The trace id is in no environment variable here: there is one environment for all.
"""
import contextvars
import os
import sys

running = contextvars.ContextVar("mayfly_request_id", default="")


def serve(shim, handler, buffer):
    import inspect
    shim.current_request = running.get
    called = inspect.unwrap(handler)
    if inspect.iscoroutinefunction(called) or inspect.iscoroutinefunction(getattr(called, "__call__", None)):
        serve_coroutines(shim, handler, buffer)
    else:
        serve_threads(shim, handler, buffer)


def begin(shim, payload):
    """The event and the context; from here on what is logged carries the request's id."""
    parts, _, event = shim.opened(payload)
    running.set(parts[0])
    return parts, event


def finish(shim, slot, kind, text):
    answer = text if isinstance(text, bytes) else text.encode()
    shim.flush()
    shim.send(kind, slot, answer)


def serve_coroutines(shim, handler, buffer):
    import asyncio
    loop = shim.event_loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    tasks = set()

    async def run(slot, payload):
        parts, event = begin(shim, payload)
        try:
            event, context = shim.unmarshal(event), shim.LambdaContext(*parts)
            kind, text = shim.RESPONSE, shim.marshal_result(await handler(event, context))
        except (Exception, asyncio.CancelledError) as error:
            kind, text = shim.failed(error, parts[0])
        finish(shim, slot, kind, text)

    def ended(task):
        tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            loop.stop()
            failures.append(task.exception())

    def start():
        for kind, slot, payload in iter(lambda: shim.take(buffer), None):
            if kind == shim.INVOKE:
                task = loop.create_task(run(slot, payload))
                tasks.add(task)
                task.add_done_callback(ended)
            elif kind == shim.STOP:
                loop.stop()
            else:
                shim.unknown(kind)

    def read():
        # Ready to be read, so this does not block. Writing may: the server always reads.
        chunk = os.read(shim.CHANNEL, shim.READ_SIZE)
        if not chunk:
            loop.stop()
        buffer.extend(chunk)
        start()

    failures = []
    loop.add_reader(shim.CHANNEL, read)
    loop.call_soon(start)
    loop.run_forever()
    if failures:
        raise failures[0]


def serve_threads(shim, handler, buffer):
    import queue
    import threading
    sending = threading.Lock()
    slots = {}

    def run(waiting):
        loop = None
        for slot, payload in iter(waiting.get, None):
            parts, event = begin(shim, payload)
            try:
                event, context = shim.unmarshal(event), shim.LambdaContext(*parts)
                result = handler(event, context)
                if hasattr(result, "__await__"):
                    import asyncio
                    loop = loop or asyncio.new_event_loop()
                    result = loop.run_until_complete(awaited(result))
                kind, text = shim.RESPONSE, shim.marshal_result(result)
            except Exception as error:
                kind, text = shim.failed(error, parts[0])
            with sending:
                finish(shim, slot, kind, text)

    def guarded(waiting):
        """What ends the process in a handler that runs alone ends it from a thread too."""
        try:
            run(waiting)
        except BaseException as error:
            status = 1
            if isinstance(error, SystemExit):
                status = error.code if isinstance(error.code, int) else int(error.code is not None)
            else:
                sys.excepthook(*sys.exc_info())
            shim.flush()
            os._exit(status & 255)

    for kind, slot, payload in shim.frames(buffer):
        if kind == shim.INVOKE:
            if slot not in slots:
                slots[slot] = queue.SimpleQueue()
                threading.Thread(target=guarded, args=(slots[slot],), daemon=True).start()
            slots[slot].put((slot, payload))
        elif kind == shim.STOP:
            return
        else:
            shim.unknown(kind)


async def awaited(awaitable):
    return await awaitable

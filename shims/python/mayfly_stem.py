"""A stem: a process that is warmed before anybody knows for which function, and becomes that function's when it is told."""
import _locale
import gc
import io
import json
import os
import struct
import sys
import time
from _frozen_importlib_external import FileFinder, PathFinder

# Where a function's code is.
CODE = "/var/task"
# What the platform gives every function that does not say otherwise: applied ahead, so that it costs nothing later.
USUAL = {"LANG": "en_US.UTF-8", "TZ": ":UTC"}
LOCALE_NAMES = ("LC_ALL", "LC_CTYPE", "LANG")
REHEARSALS = 3
REHEARSED = b"def handler(event, context):\n    return {'n': event['n'], 'id': context.aws_request_id}\n"


class Stem:
    """
    shim: the shim's module. machine: where modules are found that no function brought.
    preloaded: what was imported ahead, in layers (set of names each): a layer uses those before it, and never the other way round.
    """

    def __init__(self, shim, machine, preloaded=()):
        self.shim = shim
        here = os.path.dirname(shim.SHIM_FILE)
        self.machine = [entry for entry in machine if entry != here]
        self.here = here
        self.preloaded = [(names, {name.partition(".")[0] for name in names}) for names in preloaded]
        self.log_handler = None
        self.rest = None
        self.locale = ()
        self.zone = None

    def rehearse(self):
        """Goes through a start and an invocation, so that code is compiled and pages are touched before anybody waits."""
        shim = self.shim
        folder = "/tmp/.mayfly-%d-%s" % (os.getpid(), os.urandom(4).hex())
        os.mkdir(folder)
        reader, writer = os.pipe()
        channel, shim.CHANNEL, shim.process = shim.CHANNEL, writer, os.getpid()
        path, hooks, kept = sys.path[:], sys.meta_path[:], dict(os.environ)
        try:
            file = folder + "/mayfly_rehearsal.py"
            with open(file, "wb") as module:
                module.write(REHEARSED)
            self.become(dict(USUAL, PYTHONDONTWRITEBYTECODE="1", LAMBDA_TASK_ROOT=folder, _HANDLER="mayfly_rehearsal.handler"))
            handler = shim.load_handler("mayfly_rehearsal.handler")
            texts = b"".join(struct.pack(">H", len(text)) + text for text in (b"id", b"arn", b"trace", b"", b"", b""))
            for _ in range(REHEARSALS):
                frame = shim.HEADER.pack(8 + len(texts) + 7, shim.INVOKE, 1) + bytes(8) + texts + b'{"n":1}'
                _, slot, payload = shim.take(bytearray(frame))
                shim.invoke(handler, slot, payload)
                os.read(reader, 4096)
        finally:
            shim.CHANNEL, shim.request_id = channel, ""
            os.close(reader)
            os.close(writer)
            os.chdir("/")
            os.unlink(file)
            os.rmdir(folder)
            sys.modules.pop("mayfly_rehearsal", None)
            sys.path[:], sys.meta_path[:] = path, hooks
            sys.path_importer_cache.pop(folder, None)
            os.environ.clear()
            os.environ.update(kept)

    def run(self, rehearse):
        """Is the process of the function that it is told; before that it warms up and says so, unless it is awaited."""
        shim = self.shim
        shim.process = os.getpid()
        if rehearse:
            self.warm()
        else:
            fresh_streams()
        gc.freeze()
        gc.enable()
        if rehearse:
            shim.send(shim.WARM, 0, b"")
        buffer = bytearray()
        for kind, _, payload in shim.frames(buffer):
            if kind != shim.ASSIGN:
                shim.unknown(kind)
            self.become(json.loads(payload))
            shim.rest = self.rest
            shim.serve(buffer)
            return

    def warm(self):
        """What each stem does before it is parked. The zygote does it too: what it leaves behind is then shared."""
        fresh_streams()
        self.rehearse()
        os.environ.clear()
        # Finds out how modules are found in the function's folder, where none is yet.
        PathFinder.find_spec("mayfly_rehearsal", [CODE])

    def become(self, variables):
        """Does what the interpreter does at its start with a function's environment, and then what the shim does."""
        os.environ.clear()
        os.environ.update(variables)
        zone = variables.get("TZ")
        if zone != self.zone:
            time.tzset()
            self.zone = zone
        self.adopt_locale()
        os.chdir(os.environ.get("LAMBDA_TASK_ROOT") or CODE)
        sys.argv[:] = [self.shim.SHIM_FILE]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[:] = [sys.executable, "-s", self.shim.SHIM_FILE]
        sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        if os.environ.get("PYTHONUNBUFFERED"):
            fresh_streams(buffered=False)
        own = os.environ.get("PYTHONPATH")
        own = [os.path.abspath(entry) for entry in own.split(os.pathsep)] if own else []
        sys.path[:] = dict.fromkeys([self.here] + own + self.machine)
        self.shim.prepare()
        self.unload_shadowed()
        if "logging" in sys.modules:
            self.adopt_logging(sys.modules["logging"])

    def adopt_locale(self):
        """What the interpreter's start makes of the environment, coercion of the C locale (PEP 538) included."""
        asked = [os.environ.get(name) for name in LOCALE_NAMES]
        if self.locale and self.locale[0] == asked:
            coerced = self.locale[1]
        else:
            coerced = None
            try:
                now = _locale.setlocale(_locale.LC_CTYPE, "")
            except _locale.Error:
                now = _locale.setlocale(_locale.LC_CTYPE, "C")
            if now == "C" and not asked[0]:
                for target in ("C.UTF-8", "C.utf8", "UTF-8"):
                    try:
                        _locale.setlocale(_locale.LC_CTYPE, target)
                    except _locale.Error:
                        continue
                    coerced = target
                    break
            self.locale = asked, coerced
        if coerced:
            os.environ["LC_CTYPE"] = coerced

    def unload_shadowed(self):
        """A module that the function or a layer brings wins over one that was imported ahead, and so over all that may use that one."""
        own = [entry for entry in sys.path if entry != self.here and entry not in self.machine]
        self.forget(own)
        if not self.preloaded:
            return
        brought = set()
        for folder in filter(os.path.isdir, own):
            try:
                brought.update(name.partition(".")[0] for name in os.listdir(folder))
            except OSError:
                pass
        unloading = False
        for names, tops in self.preloaded:
            unloading = unloading or not brought.isdisjoint(tops)
            if unloading:
                for name in names:
                    sys.modules.pop(name, None)

    def adopt_logging(self, logging):
        """On exec the hook does this when something imports logging."""
        import mayfly_logging
        if self.log_handler is None:
            self.log_handler = mayfly_logging.attach(logging, lambda: self.shim.current_request())
        mayfly_logging.settle(logging, self.log_handler)

    @staticmethod
    def forget(folders):
        """What the import system remembers of folders that were empty, or not there."""
        for folder in folders:
            finder = sys.path_importer_cache.get(folder)
            if isinstance(finder, FileFinder):
                finder.invalidate_caches()
            else:
                sys.path_importer_cache.pop(folder, None)


def fresh_streams(buffered=True):
    """Standard streams as the interpreter makes them at its start."""
    sys.stdin = sys.__stdin__ = stream(0, "r", "<stdin>", True)
    sys.stdout = sys.__stdout__ = stream(1, "w", "<stdout>", buffered)
    sys.stderr = sys.__stderr__ = stream(2, "w", "<stderr>", buffered)


def stream(descriptor, mode, name, buffered):
    binary = io.open(descriptor, mode + "b", -1 if buffered else 0, closefd=False)
    (binary.raw if buffered else binary).name = name
    text = io.TextIOWrapper(binary, "utf-8", "backslashreplace" if mode == "w" else "strict", "\n", line_buffering=mode == "w", write_through=not buffered)
    text.mode = mode
    return text

import collections
import datetime
import decimal
import enum
import logging
import os
import sys
import threading
import uuid

logger = logging.getLogger("shop")
cases = {}


def case(function):
    cases[function.__name__] = function
    return function


def handler(event, context):
    return cases[event["case"]](event, context)


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class ShopError(Exception):
    pass


class Level(enum.IntEnum):
    LOW = 1


class Plain:
    pass


Point = collections.namedtuple("Point", "x y")


@case
def version(event, context): return "%d.%d" % sys.version_info[:2]


@case
def none(event, context): return None


@case
def text(event, context): return "ä € 𝄞"


@case
def number(event, context): return 12345678901234567890123


@case
def floats(event, context): return [1.0, 1e100, 0.1 + 0.2, -0.0]


@case
def nan(event, context): return {"n": float("nan"), "i": float("inf"), "m": float("-inf")}


@case
def decimals(event, context): return [decimal.Decimal("1.10"), decimal.Decimal("1E+3"), decimal.Decimal("-NaN")]


@case
def keys(event, context): return {1: "a", None: "b", True: "c", 2.5: "d"}


@case
def tuple_key(event, context): return {(1, 2): 3}


@case
def date(event, context): return {"at": datetime.datetime(2024, 1, 2)}


@case
def identifier(event, context): return uuid.UUID(int=1)


@case
def a_set(event, context): return {1}


@case
def raw(event, context): return b'{"raw": true}'


@case
def nested_bytes(event, context): return [b"abc"]


@case
def bad_bytes(event, context): return [b"\xff"]


@case
def named_tuple(event, context): return [Point(1, 2), (3, 4), Level.LOW]


@case
def ordered(event, context): return collections.OrderedDict([("z", 1), ("a", 2)])


@case
def generator(event, context): return (n for n in [1])


@case
def an_object(event, context): return Plain()


@case
def circular(event, context):
    loop = []
    loop.append(loop)
    return loop


@case
def surrogate(event, context): return event["text"]


@case
def raises(event, context): raise ValueError("wrong")


@case
def raises_nested(event, context):
    def inner():
        raise ShopError("no stock", 7)
    inner()


@case
def raises_from(event, context):
    try:
        {}["k"]
    except KeyError as error:
        raise ShopError("not found") from error


@case
def raises_empty(event, context): raise ShopError


@case
def raises_unprintable(event, context): raise Unprintable()


@case
def raises_multiline(event, context): raise ValueError("one\ntwo")


@case
def recursion(event, context): return recursion(event, context)


@case
def exits(event, context): sys.exit(3)


@case
def exits_with_text(event, context): sys.exit("closing time")


@case
def exits_at_once(event, context): os._exit(0)


@case
def interrupt(event, context): raise KeyboardInterrupt


@case
def thread(event, context):
    def run():
        raise ValueError("aside")
    thread = threading.Thread(target=run, name="aside")
    thread.start()
    thread.join()
    return "done"


@case
def logs(event, context):
    print("plain")
    logger.warning("careful %s", "now")
    logger.info("not shown")
    logger.error("two\nlines", extra={"order": 5})
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")


@case
def unended(event, context): sys.stdout.write("no end")


@case
def much(event, context):
    print("x" * 1048576)
    return "printed"


@case
def the_context(event, context):
    fields = {name: value for name, value in vars(context).items() if not name.startswith("_") and name != "log_stream_name"}
    fields.update(client_context=str(context.client_context), identity=str(context.identity), left=0 < context.get_remaining_time_in_millis() <= 5000)
    return fields


@case
def representation(event, context): return repr(context).replace(context.log_stream_name, "<stream>")


@case
def sdk(event, context):
    import boto3
    return boto3.__name__


class Callable:
    def __call__(self, event, context): return "called"


instance = Callable()
of_class = Plain
not_callable = 5


async def coroutine(event, context): return "awaited"

"""Lambda's log format for the logging module: loaded when, and only when, a function imports it."""
import json
import os
import sys
import time

TIME = "%Y-%m-%dT%H:%M:%S"


def configure(logging, current):
    """Gives the root logger Lambda's handler, and the settings of the environment."""
    settle(logging, attach(logging, current))


def settle(logging, handler):
    """Applies the environment: apart from attach, which a stem has done before it knows of one."""
    least = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper().replace("TRACE", "DEBUG")
    if isinstance(logging.getLevelName(least), int):
        logging.root.setLevel(least)
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON":
        handler.setFormatter(handler.json())


def attach(logging, current):
    class LambdaLoggerHandler(logging.Handler):
        def json(self):
            return JsonFormatter()

        def emit(self, record):
            try:
                # One line an entry, however many it has: a carriage return does not end a log line.
                sys.stdout.write(self.format(record).rstrip("\n").replace("\n", "\r") + "\n")
            except Exception:
                self.handleError(record)

    class LambdaLoggerFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = current()
            record.tenant_id = None
            return True

    # Whatever was there before the record got its own members is not a member that the function added.
    standard = set(logging.makeLogRecord({}).__dict__) | {"aws_request_id", "tenant_id", "message", "asctime"}

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            level = min(50, max(0, record.levelno)) // 10 * 10
            fields = {
                "timestamp": "%s.%03dZ" % (time.strftime(TIME, time.gmtime(record.created)), int(record.msecs)),
                "level": logging.getLevelName(level),
                "message": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info:
                import traceback
                fields["stackTrace"] = traceback.format_tb(record.exc_info[2])
                fields["errorType"] = record.exc_info[0].__name__ if record.exc_info[0] else None
                fields["errorMessage"] = str(record.exc_info[1])
            fields["requestId"] = getattr(record, "aws_request_id", None)
            if record.exc_info:
                fields["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
            for name, value in record.__dict__.items():
                if name not in standard and name not in fields:
                    fields[name] = value
            return json.dumps({name: value for name, value in fields.items() if value is not None}, ensure_ascii=False) + "\n"

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    handler.setFormatter(logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", TIME))
    handler.addFilter(LambdaLoggerFilter())
    logging.root.addHandler(handler)
    return handler

def handler(event, context):
    """Runs the code that it is sent, and returns what that left in `result`."""
    scope = {"event": event, "context": context}
    exec(event["code"], scope)
    return scope.get("result")

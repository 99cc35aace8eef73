"""Every operator of event patterns."""
import json

EVENT = {
    "id": "1", "account": "000000000000", "source": "shop.web", "time": "2026-01-01T00:00:00Z", "region": "eu-north-1", "resources": ["r1", "r2"], "detail-type": "Order",
    "detail": {"price": 99.5, "file": "report.PDF", "ip": "10.0.1.7", "state": "Open", "none": None, "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]},
}

# What it is called, what matches, and what does not.
OPERATORS = [
    ("exact value", {"source": ["shop.web", "other"]}, {"source": ["shop"]}),
    ("`null` and an array's element", {"resources": ["r2"], "detail": {"none": [None]}}, {"detail": {"state": [None]}}),
    ("`prefix`", {"source": [{"prefix": "shop."}]}, {"source": [{"prefix": "web"}]}),
    ("`prefix` of any case", {"source": [{"prefix": {"equals-ignore-case": "SHOP"}}]}, {"source": [{"prefix": {"equals-ignore-case": "WEB"}}]}),
    ("`suffix`", {"detail": {"file": [{"suffix": ".PDF"}]}}, {"detail": {"file": [{"suffix": ".pdf"}]}}),
    ("`suffix` of any case", {"detail": {"file": [{"suffix": {"equals-ignore-case": ".pdf"}}]}}, {"detail": {"file": [{"suffix": {"equals-ignore-case": ".txt"}}]}}),
    ("`equals-ignore-case`", {"detail": {"state": [{"equals-ignore-case": "OPEN"}]}}, {"detail": {"state": [{"equals-ignore-case": "closed"}]}}),
    ("`wildcard`", {"detail": {"file": [{"wildcard": "rep*.P*F"}]}}, {"detail": {"file": [{"wildcard": "*.txt"}]}}),
    ("`numeric`", {"detail": {"price": [{"numeric": [">", 0, "<=", 99.5]}]}}, {"detail": {"price": [{"numeric": ["<", 99.5]}]}}),
    ("`exists`", {"detail": {"price": [{"exists": True}], "gone": [{"exists": False}]}}, {"detail": {"price": [{"exists": False}]}}),
    ("`cidr`", {"detail": {"ip": [{"cidr": "10.0.0.0/16"}]}}, {"detail": {"ip": [{"cidr": "10.1.0.0/16"}]}}),
    ("`anything-but` values", {"detail": {"state": [{"anything-but": ["Closed", "Lost"]}]}}, {"detail": {"state": [{"anything-but": "Open"}]}}),
    ("`anything-but` `prefix`", {"detail": {"state": [{"anything-but": {"prefix": "C"}}]}}, {"detail": {"state": [{"anything-but": {"prefix": "O"}}]}}),
    ("`anything-but` `suffix`", {"detail": {"file": [{"anything-but": {"suffix": ".txt"}}]}}, {"detail": {"file": [{"anything-but": {"suffix": ".PDF"}}]}}),
    ("`anything-but` `equals-ignore-case`", {"detail": {"state": [{"anything-but": {"equals-ignore-case": ["closed"]}}]}}, {"detail": {"state": [{"anything-but": {"equals-ignore-case": ["OPEN"]}}]}}),
    ("`anything-but` `wildcard`", {"detail": {"file": [{"anything-but": {"wildcard": "*.txt"}}]}}, {"detail": {"file": [{"anything-but": {"wildcard": "rep*"}}]}}),
    ("`$or`", {"$or": [{"source": ["no"]}, {"detail": {"price": [{"numeric": ["=", 99.5]}]}}]}, {"$or": [{"source": ["no"]}, {"detail": {"price": [1]}}]}),
    ("objects in an array", {"detail": {"items": {"sku": ["a"], "n": [1]}}}, {"detail": {"items": {"sku": ["a"], "n": [2]}}}),
]


def show(walk):
    for name, matching, other in OPERATORS:
        walk.ok("TestEventPattern", f"{name}: what matches, and what does not", {"Result": True}, EventPattern=json.dumps(matching), Event=json.dumps(EVENT))
        walk.wrong("TestEventPattern", name, None if walk.quiet("TestEventPattern", EventPattern=json.dumps(other), Event=json.dumps(EVENT))["Result"] is False else "it matches")
    walk.refused("TestEventPattern", "InvalidEventPatternException", "an operator that there is not", "Unrecognized match type", EventPattern='{"source": [{"like": "x"}]}', Event=json.dumps(EVENT))
    walk.refused("TestEventPattern", "ValidationException", "an event that lacks fields", "Parameter Event is not valid.", EventPattern='{"source": ["x"]}', Event="{}")

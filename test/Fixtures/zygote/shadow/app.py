import decimal
import json
import logging
import statistics


def handler(event, context):
    logging.warning("seen")
    return [decimal.OWN, statistics.Decimal is decimal.Decimal, getattr(json, "OWN", "the shim's")]

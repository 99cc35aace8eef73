"""Walks through every operation of the EventBridge API and prints a line of JSON for each: python3 events boto3|cli <endpoint> <events.json>"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import archives
import buses
import destinations
import patterns
import rules
import unserved
from walking import Walk

walk = Walk(*sys.argv[1:4])
try:
    for show in (buses.show, rules.show, patterns.show, destinations.show, archives.show, unserved.show, rules.remove, buses.remove):
        show(walk)
finally:
    walk.report()

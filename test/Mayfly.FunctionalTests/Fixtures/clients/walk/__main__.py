"""Walks through every operation of the Lambda API and prints a line of JSON for each: python3 walk <endpoint> <lambda.json>"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import functions
import invoking
import layers
import settings
import signing
import sources
import unserved
import versions
from walking import Walk

walk = Walk(*sys.argv[1:3])
try:
    for show in (functions.show, versions.show, invoking.show, settings.show, layers.show, signing.show, sources.show, unserved.show, functions.remove):
        show(walk)
finally:
    walk.report()

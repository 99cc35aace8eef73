"""Walks through every operation of the SQS API and prints a line of JSON for each: python3 queues boto3|cli|json <region> <endpoint> <sqs.json>"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from walks import ServiceWalk

import batches
import fifo
import letters
import messages
import queues

client, region, endpoint, model = sys.argv[1:5]
walk = ServiceWalk("sqs", client, endpoint, model, region)
try:
    for show in (queues.show, messages.show, batches.show, fifo.show, letters.show, queues.remove):
        show(walk)
finally:
    walk.report()

"""Walks through every operation of the SNS API and prints a line of JSON for each: python3 topics boto3|cli <region> <endpoint> <sns.json> <sqs.json>"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from walking import TopicWalk

import publishing
import subscriptions
import topics
import unserved

walk = TopicWalk(*sys.argv[1:6])
try:
    for show in (topics.show, subscriptions.show, publishing.show, unserved.show, topics.remove):
        show(walk)
finally:
    walk.report()

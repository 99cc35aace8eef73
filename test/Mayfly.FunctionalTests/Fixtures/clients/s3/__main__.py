"""Walks through every operation of the S3 API and prints a line of JSON for each: python3 s3 boto3|cli <endpoint>"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import buckets
import objects
import uploads
import versions
from walking import Walk

walk = Walk(*sys.argv[1:3])
try:
    for show in (buckets.show, objects.show, uploads.show, versions.show, buckets.unserved, buckets.remove):
        show(walk)
finally:
    walk.report()

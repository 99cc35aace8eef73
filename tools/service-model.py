#!/usr/bin/env python3
"""Makes the tables of AWS services that the server routes and checks requests with, from botocore's models of them.

usage: tools/service-model.py [service...]

Without an argument all are made. The botocore that can be imported is read. A table has facts only, no documentation,
one line an operation and one line a shape, so that a newer model reads well as a diff.
"""
import gzip
import json
import os
import sys

SERVICES = {'lambda': '2015-03-31', 'events': '2015-10-07', 'scheduler': '2021-06-30', 'sqs': '2012-11-05', 'sns': '2010-03-31'}
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../src/Mayfly.Server/Dialects/Aws/Models')
PLACES = {'uri': 'uri', 'querystring': 'query', 'header': 'header', 'statusCode': 'status'}

# The service tells these in an order of its own.
ENUM_ORDER = {'FunctionUrlAuthType': ['AWS_IAM', 'NONE'], 'InvocationType': ['RequestResponse', 'DryRun', 'Event']}

# The model leaves these wider, for functions of other kinds (durable, on instances of one's own) than the server has.
NARROWER = {'Timeout': {'max': 900}, 'MemorySize': {'max': 10240}}

# SQS still speaks the query protocol, which its model tells nothing of any more: the namespace, what the elements of
# lists and maps are called in forms and in XML, and the codes of errors where they are not the shapes' names.
SQS_NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/'
SQS_ITEMS = {
    'StringList': 'StringListValue', 'BinaryList': 'BinaryListValue', 'MessageSystemAttributeList': 'MessageSystemAttributeName',
    'QueueAttributeMap': 'Attribute', 'MessageSystemAttributeMap': 'Attribute', 'MessageBodyAttributeMap': 'MessageAttribute',
    'MessageBodySystemAttributeMap': 'MessageSystemAttribute', 'TagMap': 'Tag'}
SQS_CODES = {'QueueDoesNotExist': 'NonExistentQueue', 'QueueNameExists': 'QueueAlreadyExists', 'OverLimit': 'OverLimit'}
SQS_PREFIXED = ['BatchEntryIdsNotDistinct', 'BatchRequestTooLong', 'EmptyBatchRequest', 'InvalidBatchEntryId', 'MessageNotInflight',
                'PurgeQueueInProgress', 'QueueDeletedRecently', 'QueueDoesNotExist', 'TooManyEntriesInBatchRequest', 'UnsupportedOperation']
SQS_STATUSES = {'OverLimit': 403, 'PurgeQueueInProgress': 403, 'ResourceNotFoundException': 404}


def find(service):
    import botocore
    base = os.path.join(os.path.dirname(botocore.__file__), 'data', service, SERVICES[service], 'service-2.json')
    return base if os.path.exists(base) else base + '.gz'


def read(path):
    with (gzip.open if path.endswith('.gz') else open)(path, 'rb') as file:
        return json.load(file)


def operation(name, facts):
    result = {'name': name, 'method': facts['http']['method'], 'path': facts['http']['requestUri'], 'status': facts['http'].get('responseCode', 200)}
    if 'input' in facts:
        result['input'] = facts['input']['shape']
    if 'output' in facts:
        result['output'] = facts['output']['shape']
    result['errors'] = [error['shape'] for error in facts.get('errors', [])]
    return result


def member(facts, required):
    result = {'shape': facts['shape']}
    if 'location' in facts:
        result['in'] = PLACES[facts['location']]
    if 'locationName' in facts:
        result['wire'] = facts['locationName']
    if required:
        result['required'] = True
    return result


def shape(name, facts):
    result = {'type': facts['type']}
    for key in ('min', 'max', 'pattern', 'sensitive', 'streaming', 'eventstream', 'payload', 'fault'):
        if key in facts:
            result[key] = facts[key]
    result.update(NARROWER.get(name, {}))
    if 'enum' in facts:
        result['enum'] = ENUM_ORDER.get(name, facts['enum'])
        assert sorted(result['enum']) == sorted(facts['enum']), name
    if 'error' in facts:
        result['status'] = facts['error']['httpStatusCode']
    elif facts.get('exception'):
        result['status'] = 500 if facts.get('fault') else 400
    for key in ('member', 'key', 'value'):
        if key in facts:
            result[key] = facts[key]['shape']
    if 'code' in facts.get('error', {}):
        result['code'] = facts['error']['code']
    if facts['type'] == 'map':
        for key in ('key', 'value'):
            if 'locationName' in facts[key]:
                result[key + 'Name'] = facts[key]['locationName']
    if facts['type'] == 'structure':
        required = set(facts.get('required', []))
        result['members'] = {name: member(m, name in required) for name, m in facts['members'].items()}
    return result


def sqs(name, facts):
    """The service says in words of its own what is missing or has an unknown name."""
    facts.pop('enum', None)
    for m in facts.get('members', {}).values():
        m.pop('required', None)
    if facts['type'] in ('list', 'map'):
        facts['item'] = SQS_ITEMS.get(name, name.removesuffix('List'))
    if facts['type'] == 'map':
        facts.update({'keyName': 'Key' if name == 'TagMap' else 'Name', 'valueName': 'Value'})
    if 'status' in facts:
        facts['status'] = SQS_STATUSES.get(name, 400)
        code = SQS_CODES.get(name, name)
        facts['code'] = 'AWS.SimpleQueueService.' + code if name in SQS_PREFIXED else code


def reachable(operations, shapes):
    seen, todo = set(), [name for o in operations for name in [o.get('input'), o.get('output'), *o['errors']] if name]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            facts = shapes[name]
            todo += [m['shape'] for m in facts.get('members', {}).values()]
            todo += [facts[key] for key in ('member', 'key', 'value') if key in facts]
    return seen


def make(service):
    model = read(find(service))
    operations = [operation(name, facts) for name, facts in sorted(model['operations'].items())]
    shapes = {name: shape(name, facts) for name, facts in sorted(model['shapes'].items())}
    if service == 'sqs':
        for name, facts in shapes.items():
            sqs(name, facts)
    used = reachable(operations, shapes)
    namespace = SQS_NAMESPACE if service == 'sqs' else model['metadata'].get('xmlNamespace')

    def compact(value):
        return json.dumps(value, ensure_ascii=True, separators=(',', ':'))

    file = os.path.join(FOLDER, service + '.json')
    with open(file, 'w', encoding='ascii') as out:
        out.write('{"service":%s,"version":%s,' % (compact(model['metadata']['endpointPrefix']), compact(model['metadata']['apiVersion'])))
        out.write('"namespace":%s,\n"operations":[\n' % compact(namespace) if namespace else '\n"operations":[\n')
        out.write(',\n'.join(compact(o) for o in operations))
        out.write('\n],\n"shapes":{\n')
        out.write(',\n'.join('%s:%s' % (compact(name), compact(facts)) for name, facts in shapes.items() if name in used))
        out.write('\n}}\n')
    print('%s: %d operations, %d shapes' % (os.path.relpath(file), len(operations), len(used)))


for name in sys.argv[1:] or SERVICES:
    make(name)

// What an SDK for JavaScript does with queues: it posts to the URL of the queue and checks every digest. node queues.js <endpoint>, with @aws-sdk/client-sqs in NODE_PATH.
const assert = require('node:assert');
const { SQS } = require('@aws-sdk/client-sqs');

const texts = ['plain', 'a\rb\r\nc\nd\te', '<![CDATA[x]]>&amp;"\'%41+', 'ä€🐝\uffff'.slice(0, -1), ' x '];
const attributes = {
  text: { DataType: 'String', StringValue: 'a\rb' },
  number: { DataType: 'Number.cm', StringValue: '-1.5e3' },
  bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 13, 10, 255]) },
};

const run = async (endpoint) => {
  const sqs = new SQS({ ...(endpoint ? { endpoint } : {}), region: 'ap-south-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 });
  const seen = [];
  sqs.middlewareStack.add((next) => async (args) => {
    seen.push(args.request.path);
    return next(args);
  }, { step: 'finalizeRequest', priority: 'low' });
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'javascript' });
  for (const MessageBody of texts) {
    await sqs.sendMessage({ QueueUrl, MessageBody, MessageAttributes: attributes });
    const [message] = (await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['All'], AttributeNames: ['All'] })).Messages;
    assert.strictEqual(message.Body, MessageBody);
    assert.deepStrictEqual([...message.MessageAttributes.bytes.BinaryValue], [0, 13, 10, 255]);
    assert.strictEqual(message.MessageAttributes.text.StringValue, 'a\rb');
    await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 60 });
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
  }
  const sent = await sqs.sendMessageBatch({ QueueUrl, Entries: texts.map((MessageBody, index) => ({ Id: `${index}`, MessageBody, MessageAttributes: attributes })) });
  assert.strictEqual(sent.Successful.length, texts.length);
  const bodies = [];
  while (bodies.length < texts.length) {
    const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
    bodies.push(...Messages.map((message) => message.Body));
    const gone = await sqs.deleteMessageBatch({ QueueUrl, Entries: Messages.map((message, index) => ({ Id: `${index}`, ReceiptHandle: message.ReceiptHandle })) });
    assert.strictEqual(gone.Failed, undefined);
  }
  assert.deepStrictEqual(bodies.sort(), [...texts].sort());
  const refused = await sqs.sendMessage({ QueueUrl: `${QueueUrl}-none`, MessageBody: 'x' }).then(() => undefined, (error) => error);
  await sqs.deleteQueue({ QueueUrl });
  return { path: seen[1], refused: refused.name, paths: new Set(seen).size };
};

run(process.argv[2]).then((result) => console.log(JSON.stringify(result)), (error) => {
  console.error(error);
  process.exitCode = 1;
});

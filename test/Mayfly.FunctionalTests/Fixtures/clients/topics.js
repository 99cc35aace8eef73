// What an SDK for JavaScript does with topics. node topics.js <endpoint>, with @aws-sdk/client-sns in NODE_PATH.
const assert = require('node:assert');
const { SNS } = require('@aws-sdk/client-sns');

const run = async (endpoint) => {
  const sns = new SNS({ endpoint, region: 'ap-south-2', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 });
  const { TopicArn } = await sns.createTopic({ Name: 'javascript', Tags: [{ Key: 'a', Value: 'b & <c>' }] });
  assert.deepStrictEqual((await sns.listTagsForResource({ ResourceArn: TopicArn })).Tags, [{ Key: 'a', Value: 'b & <c>' }]);
  const { SubscriptionArn } = await sns.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:ap-south-2:000000000000:none', Attributes: { FilterPolicy: '{"kind": ["a & <b>"]}' } });
  assert.strictEqual((await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes.FilterPolicy, '{"kind": ["a & <b>"]}');
  const MessageAttributes = { bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 255]) }, text: { DataType: 'String', StringValue: 'a\r\nb' } };
  const { MessageId } = await sns.publish({ TopicArn, Message: 'a\r\nb ä€🐝', Subject: 's', MessageAttributes });
  const batch = await sns.publishBatch({ TopicArn, PublishBatchRequestEntries: [{ Id: 'a', Message: '1' }, { Id: 'b', Message: '2', MessageAttributes }] });
  assert.deepStrictEqual(batch.Successful.map((one) => one.Id), ['a', 'b']);
  const refused = await sns.publish({ TopicArn: `${TopicArn}-none`, Message: 'x' }).then(() => undefined, (error) => error);
  await sns.unsubscribe({ SubscriptionArn });
  await sns.deleteTopic({ TopicArn });
  return { id: MessageId.length, refused: refused.name, status: refused.$metadata.httpStatusCode };
};

run(process.argv[2]).then((result) => console.log(JSON.stringify(result)), (error) => {
  console.error(error);
  process.exitCode = 1;
});

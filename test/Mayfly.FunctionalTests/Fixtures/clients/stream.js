// Calls InvokeWithResponseStream with the SDK for JavaScript and prints what came: node stream.js <endpoint> <function> <payload>, with NODE_PATH.
const { LambdaClient, InvokeWithResponseStreamCommand } = require('@aws-sdk/client-lambda');

const [endpoint, name, payload] = process.argv.slice(2);
const client = new LambdaClient({ endpoint, region: 'us-east-1', maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

(async () => {
  const answer = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: name, Payload: Buffer.from(payload) }));
  const said = { body: '', end: [] };
  for await (const event of answer.EventStream) {
    if (event.PayloadChunk) said.body += Buffer.from(event.PayloadChunk.Payload).toString();
    if (event.InvokeComplete) said.end.push(event.InvokeComplete);
  }
  console.log(JSON.stringify(said));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

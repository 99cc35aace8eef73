// Makes the calls with the SDK for JavaScript and prints what it was told: node run.js <endpoint> <region> <steps.json>, with NODE_PATH.
const sdk = require('@aws-sdk/client-lambda');
const fs = require('fs');

const [endpoint, region, file] = process.argv.slice(2);
const client = new sdk.LambdaClient({ endpoint, region, maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

const opened = (value) => {
  if (Array.isArray(value)) return value.map(opened);
  if (value === null || typeof value !== 'object') return value;
  if ('@blob' in value) return Buffer.from(value['@blob'], 'base64');
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
};

(async () => {
  for (const { call, params } of JSON.parse(fs.readFileSync(file))) {
    const line = { call };
    if (call.startsWith('wait:')) {
      const waited = await sdk['waitUntil' + call.slice(5)]({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, params);
      if (waited.state !== 'SUCCESS') throw new Error(`${call}: ${JSON.stringify(waited)}`);
    } else {
      try {
        const { $metadata, ...answer } = await client.send(new sdk[call + 'Command'](opened(params)));
        line.status = $metadata.httpStatusCode;
        if (answer.Payload) answer.Payload = Buffer.from(answer.Payload).toString();
        line.answer = answer;
      } catch (error) {
        if (!error.$metadata) throw error;
        Object.assign(line, { status: error.$metadata.httpStatusCode, error: error.name, message: error.message ?? error.Message });
      }
    }
    console.log(JSON.stringify(line));
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

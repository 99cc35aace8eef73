export const handler = async (event, context) => ({
  statusCode: 200,
  headers: { 'content-type': 'text/plain' },
  body: `Hello from Node.js ${process.version}, request ${context.awsRequestId}\n`,
});

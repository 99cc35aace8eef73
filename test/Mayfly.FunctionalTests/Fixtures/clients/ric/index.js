const http = require('http');

const get = (url) => new Promise((done, failed) => http.get(url, (answer) => answer.resume().on('end', done)).on('error', failed));

exports.handler = async (event, context) => {
  console.log('saw', event.do);
  if (event.do === 'fail') throw new TypeError('as asked');
  if (event.do === 'exit') process.exit(3);
  return { got: event, id: context.awsRequestId, arn: context.invokedFunctionArn, timely: context.getRemainingTimeInMillis() > 0 };
};

exports.stream = awslambda.streamifyResponse(async (event, stream) => {
  const job = event.body ? JSON.parse(event.body) : event;
  await new Promise((done) => stream.write('first\n', done));
  if (job.do === 'fail') throw new TypeError('as asked');
  await get(job.url);
  stream.write('second\n');
  stream.end();
});

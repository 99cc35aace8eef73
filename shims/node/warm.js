'use strict';
// What a stem runs before there is a function.
exports.handler = async (event) => ({ ...event });
exports.callback = (event, context, done) => {
  context.callbackWaitsForEmptyEventLoop = false;
  done(null, context.getRemainingTimeInMillis() > 0 ? event : null);
};
exports.stream = awslambda.streamifyResponse(async (event, stream) => {
  stream.write(JSON.stringify(event));
  stream.end();
});

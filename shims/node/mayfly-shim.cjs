'use strict';
// Runs a function behind Mayfly's frame protocol on descriptor 3. No packages, Node.js 16 and later.
const { Channel } = require('./channel.cjs');
const log = require('./console.cjs');
const { Fault, describe } = require('./errors.cjs');
const invocations = require('./invocation.cjs');
const { load } = require('./load.cjs');
const streaming = require('./streaming.cjs');

const INVOKE = 1, STOP = 2, STREAM_WINDOW = 3, ASSIGN = 4, POLL = 5, READY = 16, INIT_ERROR = 17, FATAL = 23, WARM = 24;
const channel = new Channel(3);
let handler;

process.on('beforeExit', () => {
  if (!handler) process.exit(13); // an import that waits for ever: the status that Node.js gives it
  invocations.drained();
});

/** What no handler caught ends the process, after the invocation that runs has been told. */
function failed(error, title, status, invocation = invocations.now()) {
  log.report(title, error);
  channel.hold(true);
  const told = JSON.stringify(describe(error)), exit = () => process.exit(status);
  if (!handler) channel.send(INIT_ERROR, 0, told, exit);
  else if (invocation && !invocation.answered) {
    if (invocation.stream) return streaming.fail(invocation, told, exit);
    invocation.answered = true;
    channel.send(FATAL, invocation.slot, told, exit);
  } else channel.flush(exit);
}
const uncaught = (error) => failed(error, 'Uncaught Exception', 129);
process.on('uncaughtException', uncaught);
process.on('unhandledRejection', (reason, promise) => {
  const error = new Fault('Runtime.UnhandledPromiseRejection', typeof reason === 'symbol' ? String(reason) : reason);
  failed(Object.assign(error, { reason, promise }), 'Unhandled Promise Rejection', 128);
});
// A function that exits: what others answered in this turn must still arrive.
process.on('exit', () => channel.flush());

/** Prepares for the function of an environment. */
function configure(env, frames) {
  log.install(env, invocations.requestId);
  invocations.configure(env, frames, failed);
  streaming.install(env);
}

// Frames that come before the handler is loaded wait for it.
const early = [];
let assign;
function receive(type, slot, bytes, from, to) {
  if (type === INVOKE && handler) invocations.invoke(handler, slot, bytes, from, to);
  else if (type === INVOKE) early.push([slot, Buffer.from(bytes.subarray(from, to))]);
  else if (type === POLL) channel.patience = bytes.readUInt32BE(from);
  else if (type === STREAM_WINDOW) invocations.grant(slot, bytes.readUInt32BE(from));
  else if (type === ASSIGN && assign) assign(JSON.parse(bytes.toString('utf8', from, to)));
  else process.exit(type === STOP ? 0 : 1);
}

async function park() {
  const stem = require('./stem.cjs');
  await stem.warm(receive, configure, (warm) => (handler = warm));
  const assigned = new Promise((resolve) => (assign = resolve));
  channel.send(WARM, 0, '');
  channel.hold(true);
  const env = await assigned;
  stem.become(env);
  assign = undefined;
  process.argv.pop();
  channel.hold(false);
  return env;
}

(async () => {
  channel.listen(receive, () => process.exit(0));
  // Not work of the function: an import that waits for ever must be seen to.
  channel.hold(false);
  const env = process.argv[2] === '--stem' ? await park() : process.env;
  configure(env, channel);
  let loaded;
  try {
    loaded = await load(env._HANDLER ?? '', env.LAMBDA_TASK_ROOT || process.cwd(), require);
    // What the load left unhandled belongs to the start.
    await new Promise(setImmediate);
  } catch (error) {
    return uncaught(error);
  }
  handler = loaded;
  channel.hold(true);
  channel.send(READY, 0, '');
  for (const [slot, payload] of early) invocations.invoke(handler, slot, payload, 0, payload.length);
})();

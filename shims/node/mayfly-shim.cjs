'use strict';
// Runs a function behind Mayfly's frame protocol on descriptor 3. No packages, Node.js 16 and later.
const { Channel } = require('./channel.cjs');
const log = require('./console.cjs');
const { Fault, describe } = require('./errors.cjs');
const invocations = require('./invocation.cjs');
const { load } = require('./load.cjs');
const streaming = require('./streaming.cjs');

const INVOKE = 1, STOP = 2, STREAM_WINDOW = 3, ASSIGN = 4, READY = 16, INIT_ERROR = 17, FATAL = 23, WARM = 24;
const channel = new Channel(3);
let ready = false;

process.on('beforeExit', () => {
  if (!ready) process.exit(13); // an import that waits for ever: the status that Node.js gives it
  invocations.drained();
});

/** What no handler caught ends the process, after the invocation that runs has been told. */
function failed(error, title, status, invocation = invocations.now()) {
  log.report(title, error);
  channel.hold(true);
  const told = JSON.stringify(describe(error)), exit = () => process.exit(status);
  if (!ready) channel.send(INIT_ERROR, 0, told, exit);
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

/** Takes on the environment as it is now. */
function configure() {
  log.install(process.env, invocations.requestId);
  invocations.configure(process.env, channel, failed);
  streaming.install();
}

// Frames that come before the handler is loaded wait for it.
const early = [];
let handler, assign;
function receive(type, slot, bytes, from, to) {
  if (type === STOP) process.exit(0);
  if (type === ASSIGN && assign) assign(JSON.parse(bytes.toString('utf8', from, to)));
  else if (type === INVOKE && !ready) early.push([slot, Buffer.from(bytes.subarray(from, to))]);
  else if (type === INVOKE) invocations.invoke(handler, slot, bytes, from, to);
  else if (type === STREAM_WINDOW) invocations.grant(slot, bytes.readUInt32BE(from));
  else process.exit(1);
}

async function park() {
  const stem = require('./stem.cjs');
  await stem.warm(channel, configure);
  const assigned = new Promise((resolve) => (assign = resolve));
  channel.send(WARM, 0, '');
  channel.hold(true);
  stem.become(await assigned);
  assign = undefined;
  process.argv.pop();
  channel.hold(false);
}

(async () => {
  channel.listen(receive, () => process.exit(0));
  // Not work of the function: an import that waits for ever must be seen to.
  channel.hold(false);
  if (process.argv[2] === '--stem') await park();
  configure();
  try {
    handler = await load(process.env._HANDLER ?? '', process.env.LAMBDA_TASK_ROOT || process.cwd(), require);
    // What the load left unhandled belongs to the start.
    await new Promise(setImmediate);
  } catch (error) {
    return uncaught(error);
  }
  ready = true;
  channel.hold(true);
  channel.send(READY, 0, '');
  for (const [slot, payload] of early) invocations.invoke(handler, slot, payload, 0, payload.length);
})();

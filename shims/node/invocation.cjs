'use strict';
// One invocation after the other on each slot: from its frame to its answer.
const streaming = require('./streaming.cjs');
const { report } = require('./console.cjs');
const { Fault, describe } = require('./errors.cjs');

const RESPONSE = 18, ERROR = 19;
// From this version on a plain value that a handler returns is its result; before, only a callback or a promise carried one.
const returnsValues = Number(process.versions.node.split('.')[0]) >= 24;

const active = new Map();
let channel, failed, storage, current = null, lastId, fixed;

/** Prepares for a function. With one slot a variable says which invocation runs; with several, the asynchronous context does. */
exports.configure = (env, frames, fail) => {
  channel = frames;
  failed = fail;
  storage = Number(env.MAYFLY_CONCURRENCY) > 1 ? new (require('async_hooks').AsyncLocalStorage)() : null;
  current = null;
  lastId = undefined;
  fixed = {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION, functionName: env.AWS_LAMBDA_FUNCTION_NAME, memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME, logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
};

/** The invocation whose code runs. */
exports.now = () => (storage ? storage.getStore() : current);

/** The request that lines of the console belong to. */
exports.requestId = () => exports.now()?.requestId ?? lastId;

/** Answers once, whoever answers first. */
class Invocation {
  constructor(slot, bytes, from, to) {
    this.slot = slot;
    this.answered = false;
    this.waiting = null;
    this.promised = false;
    // With several slots the event loop is never empty: what settles one may be another's event.
    this.waits = !storage;
    this.stream = null;
    this.deadline = bytes.readUInt32BE(from) * 2 ** 32 + bytes.readUInt32BE(from + 4);
    let at = from + 8;
    const text = () => {
      const start = at + 2;
      at = start + (bytes[at] << 8 | bytes[at + 1]);
      return at === start ? '' : bytes.toString('utf8', start, at);
    };
    this.requestId = text();
    this.arn = text();
    this.traceId = text();
    this.clientContext = text();
    this.identity = text();
    this.tenantId = text();
    this.event = bytes.toString('utf8', at, to);
  }

  context() {
    const invocation = this;
    return {
      get callbackWaitsForEmptyEventLoop() { return invocation.waits; },
      set callbackWaitsForEmptyEventLoop(value) { invocation.waits = value; },
      functionVersion: fixed.functionVersion,
      functionName: fixed.functionName,
      memoryLimitInMB: fixed.memoryLimitInMB,
      logGroupName: fixed.logGroupName,
      logStreamName: fixed.logStreamName,
      clientContext: parsed(this.clientContext, 'ClientContext'),
      identity: parsed(this.identity, 'CognitoIdentity'),
      invokedFunctionArn: this.arn,
      awsRequestId: this.requestId,
      tenantId: this.tenantId || undefined,
      getRemainingTimeInMillis: () => this.deadline - Date.now(),
      succeed: (result) => this.settle(null, result, false),
      fail: (error) => this.settle(error ?? 'handled', undefined, false),
      done: (error, result) => this.settle(error, result, false),
    };
  }

  /** Takes the first outcome; with `wait` a result is sent only once the event loop is empty, an error always at once. */
  settle(error, result, wait) {
    if (this.answered || this.waiting) return;
    if (wait && (error === null || error === undefined)) this.waiting = { result };
    else this.answer(error, result);
  }

  answer(error, result) {
    if (this.answered) return;
    let type = RESPONSE, payload;
    if (error === null || error === undefined) {
      try {
        payload = JSON.stringify(result) ?? 'null';
      } catch {
        error = returnsValues
          ? new Fault('Runtime.JSONStringifyError', 'Unable to stringify response body')
          : new Error('Unable to stringify response body');
        // Nobody is left to catch it once the event loop has run empty.
        if (this.waiting) return failed(error, 'Uncaught Exception', 129, this);
      }
    }
    if (payload === undefined) {
      report('Invoke Error', error);
      type = ERROR;
      payload = JSON.stringify(describe(error));
    }
    this.finish(type, payload);
  }

  /** Sends the last frame. While others run, answers of the same turn go out together. */
  finish(type, payload, then) {
    if (this.answered) return;
    this.answered = true;
    active.delete(this.slot);
    if (current === this) current = null;
    if (active.size > 0 && !then) return channel.sendLate(type, this.slot, payload);
    if (active.size === 0) channel.hold(true);
    channel.send(type, this.slot, payload, then);
    if (active.size === 0) channel.rest();
  }

  run(handler) {
    try {
      const event = JSON.parse(this.event === '' ? 'null' : this.event);
      this.event = null;
      if (streaming.streams(handler)) return streaming.run(this, handler, event, { send: (...frame) => channel.send(...frame), report, describe });
      const returned = handler(event, this.context(), (error, result) => this.settle(error, result, this.waits));
      if (typeof returned?.then === 'function') {
        this.promised = handler.constructor?.name === 'AsyncFunction';
        returned.then((result) => this.settle(null, result, false), (error) => this.settle(error ?? 'handled', undefined, false));
      } else if (returnsValues && handler.length < 3) {
        this.settle(null, returned, false);
      }
    } catch (error) {
      // Nothing thrown is nothing wrong: a callback without an error is all that the managed runtime sees.
      this.settle(error, undefined, this.waits);
    }
  }

  /** Nothing is left to run: a callback's answer is due, and what never answered returns null, unless it promised something. */
  drained() {
    const lost = !this.waiting && this.promised && new Fault('Runtime.NodeJsExit',
      'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes');
    this.answer(lost || undefined, this.waiting?.result);
  }
}

/** Runs what a frame asks for. */
exports.invoke = (handler, slot, bytes, from, to) => {
  const invocation = new Invocation(slot, bytes, from, to);
  if (active.size === 0 && !storage) channel.hold(false);
  active.set(slot, invocation);
  lastId = invocation.requestId;
  if (storage) return storage.run(invocation, () => invocation.run(handler));
  current = invocation;
  // One variable a process: with several slots it could only be wrong.
  if (invocation.traceId) process.env._X_AMZN_TRACE_ID = invocation.traceId;
  else delete process.env._X_AMZN_TRACE_ID;
  invocation.run(handler);
};

/** The server has room for more of a stream. */
exports.grant = (slot, count) => active.get(slot)?.stream?._grant(count);

/** The event loop is empty. */
exports.drained = () => {
  for (const invocation of [...active.values()]) {
    if (!invocation.stream) invocation.drained();
    else if (!streaming.idle(invocation)) channel.hold(true);
  }
};

function parsed(text, title) {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${title} as json: ${error}`);
  }
}

'use strict';
// Runs a function behind Mayfly's frame protocol on descriptor 3. No packages, Node.js 16 and later.
const fs = require('fs');
const net = require('net');
const path = require('path');
const { pathToFileURL } = require('url');
const { format } = require('util');

const INVOKE = 1, STOP = 2, READY = 16, INIT_ERROR = 17, RESPONSE = 18, ERROR = 19;
const FRAME_LIMIT = 16 * 1024 * 1024;
const HEADER = 9;
const slots = Math.max(1, Number(process.env.MAYFLY_CONCURRENCY) || 1);
const taskRoot = process.env.LAMBDA_TASK_ROOT || process.cwd();

// With one slot a variable says whose lines are printed; with several, the asynchronous context does.
const storage = slots > 1 ? new (require('async_hooks').AsyncLocalStorage)() : null;
let current = null;
const active = new Map();
const invocationNow = () => (storage ? storage.getStore() : current);

class Fault extends Error {
  constructor(type, reason) {
    super(reason);
    this.name = type;
  }
}

// Console: one line an entry, as Lambda prints it. A carriage return does not end a log line.
function print(level, args) {
  const id = invocationNow()?.requestId ?? 'undefined';
  process.stdout.write(`${new Date().toISOString()}\t${id}\t${level}\t${format(...args).replace(/\n/g, '\r')}\n`);
}
for (const [method, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['warn', 'WARN'], ['error', 'ERROR'], ['trace', 'TRACE']])
  console[method] = (...args) => print(level, args);

function describe(error) {
  if (!isError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const shaped = { errorType: String(error.name ?? 'Error'), errorMessage: String(error.message ?? ''), trace: String(error.stack ?? '').split('\n') };
  if (error.reason !== undefined && error.name === 'Runtime.UnhandledPromiseRejection') shaped.reason = describe(error.reason);
  return shaped;
}

function isError(value) {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function report(title, error) {
  const { errorType, errorMessage, trace } = describe(error);
  const extra = isError(error) ? Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'name')) : {};
  let text;
  try {
    text = JSON.stringify({ errorType, errorMessage, ...extra, stack: trace });
  } catch {
    text = JSON.stringify({ errorType, errorMessage, stack: trace });
  }
  print('ERROR', [`${title} \t${text}`]);
}

let socket;
function send(type, slot, payload, then) {
  if (payload.length > FRAME_LIMIT && type === RESPONSE) {
    type = ERROR;
    payload = Buffer.from(JSON.stringify({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    }));
  }
  const frame = Buffer.allocUnsafe(HEADER + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame[4] = type;
  frame.writeUInt32BE(slot, 5);
  payload.copy(frame, HEADER);
  socket.write(frame, then);
}

/** One invocation: answers once, whoever answers first. */
class Invocation {
  constructor(slot, payload) {
    this.slot = slot;
    this.answered = false;
    this.waiting = null;
    this.waits = true;
    this.deadline = Number(payload.readBigInt64BE(0));
    let offset = 8;
    const texts = [];
    for (let i = 0; i < 5; i++) {
      const length = payload.readUInt16BE(offset);
      texts.push(payload.toString('utf8', offset + 2, offset + 2 + length));
      offset += 2 + length;
    }
    [this.requestId, this.arn, this.traceId, this.clientContext, this.identity] = texts;
    this.event = payload.toString('utf8', offset);
  }

  context() {
    const invocation = this;
    const env = process.env;
    const context = {
      get callbackWaitsForEmptyEventLoop() { return invocation.waits; },
      set callbackWaitsForEmptyEventLoop(value) { invocation.waits = value; },
      functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
      clientContext: this.clientContext ? JSON.parse(this.clientContext) : undefined,
      identity: this.identity ? JSON.parse(this.identity) : undefined,
      invokedFunctionArn: this.arn,
      awsRequestId: this.requestId,
      getRemainingTimeInMillis: () => Math.max(0, this.deadline - Date.now()),
      succeed: (result) => this.settle(null, result, false),
      fail: (error) => this.settle(error ?? 'handled', undefined, false),
      done: (error, result) => this.settle(error, result, false),
    };
    return context;
  }

  /** Takes the first outcome; with `wait` it is sent only once the event loop is empty. */
  settle(error, result, wait) {
    if (this.answered || this.waiting) return;
    if (wait) this.waiting = { error, result };
    else this.answer(error, result);
  }

  answer(error, result) {
    if (this.answered) return;
    let type = RESPONSE, payload;
    if (error === null || error === undefined) {
      try {
        payload = Buffer.from(JSON.stringify(result) ?? 'null');
      } catch {
        error = new Error('Unable to stringify response body');
      }
    }
    if (payload === undefined) {
      report('Invoke Error', error);
      type = ERROR;
      payload = Buffer.from(JSON.stringify(describe(error)));
    }
    this.answered = true;
    active.delete(this.slot);
    if (current === this) current = null;
    if (active.size === 0) socket.ref();
    send(type, this.slot, payload);
  }

  run(handler) {
    active.set(this.slot, this);
    current = this;
    // The channel must not count as work of the function: `beforeExit` then says that its event loop is empty.
    socket.unref();
    if (this.traceId) process.env._X_AMZN_TRACE_ID = this.traceId;
    else delete process.env._X_AMZN_TRACE_ID;
    try {
      const event = JSON.parse(this.event === '' ? 'null' : this.event);
      this.event = null;
      const callback = (error, result) => this.settle(error, result, this.waits);
      const returned = handler(event, this.context(), callback);
      if (typeof returned?.then === 'function')
        returned.then((result) => this.settle(null, result, false), (error) => this.settle(error ?? new Error(String(error)), undefined, false));
      else if (returned !== undefined && handler.length < 3)
        this.settle(null, returned, false);
    } catch (error) {
      this.settle(error ?? new Error(String(error)), undefined, false);
    }
  }
}

// Nothing is left to run: a callback's answer is due, and what never answered returns null.
process.on('beforeExit', () => {
  for (const invocation of [...active.values()]) invocation.answer(invocation.waiting?.error, invocation.waiting?.result);
});

function failed(error, title) {
  report(title, error);
  const invocation = invocationNow();
  if (!invocation) {
    if (!socket) return; // while the handler loads: load() sees it too
    process.exit(1);
  }
  invocation.waiting = null;
  if (!invocation.answered) {
    active.delete(invocation.slot);
    invocation.answered = true;
    if (current === invocation) current = null;
    if (active.size === 0) socket.ref();
    send(ERROR, invocation.slot, Buffer.from(JSON.stringify(describe(error))));
  }
}
process.on('uncaughtException', (error) => failed(error, 'Uncaught Exception'));
process.on('unhandledRejection', (reason) => {
  const error = new Fault('Runtime.UnhandledPromiseRejection', isError(reason) ? String(reason) : format(reason));
  error.reason = reason;
  failed(error, 'Unhandled Promise Rejection');
});

function isModule(file) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT') return false;
    }
    if (folder === taskRoot || folder === path.dirname(folder)) return false;
  }
}

async function load(name) {
  if (name.includes('..'))
    throw new Fault('Runtime.MalformedHandlerName', `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  const base = path.basename(name);
  const root = path.resolve(taskRoot, name.slice(0, name.length - base.length));
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const target = path.join(root, match[1]);
  let app;
  try {
    const file = [target, `${target}.js`, `${target}.mjs`, `${target}.cjs`].find((f) => fs.statSync(f, { throwIfNoEntry: false })?.isFile());
    if (file && isModule(file)) app = await import(pathToFileURL(file).href);
    else app = require(file ?? require.resolve(match[1], { paths: [taskRoot, root] }));
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') throw new Fault('Runtime.ImportModuleError', error);
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', error);
    throw error;
  }
  const handler = match[2].split('.').reduce((value, key) => value?.[key], app);
  if (handler === undefined) throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler;
}

function listen(handler) {
  let pending = Buffer.alloc(0);
  const chunks = [];
  let have = 0;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    // Joined only when a frame is whole: a large event arrives in many pieces.
    const need = pending.length >= HEADER ? HEADER + pending.readUInt32BE(0) : HEADER;
    if (have + pending.length < need) return;
    pending = Buffer.concat([pending, ...chunks]);
    chunks.length = 0;
    have = 0;
    while (pending.length >= HEADER) {
      const length = pending.readUInt32BE(0);
      if (pending.length < HEADER + length) break;
      const type = pending[4], slot = pending.readUInt32BE(5), payload = pending.subarray(HEADER, HEADER + length);
      pending = pending.subarray(HEADER + length);
      if (type === STOP) process.exit(0);
      if (type !== INVOKE) process.exit(1);
      const invocation = new Invocation(slot, payload);
      if (storage) storage.run(invocation, () => invocation.run(handler));
      else invocation.run(handler);
    }
  });
  socket.on('end', () => process.exit(0));
  socket.on('error', () => process.exit(0));
}

(async () => {
  let handler;
  const channel = new net.Socket({ fd: 3, readable: true, writable: true });
  try {
    handler = await load(process.env._HANDLER ?? '');
  } catch (error) {
    report('Uncaught Exception', error);
    socket = channel;
    send(INIT_ERROR, 0, Buffer.from(JSON.stringify(describe(error))), () => process.exit(1));
    return;
  }
  socket = channel;
  listen(handler);
  send(READY, 0, Buffer.alloc(0));
})();

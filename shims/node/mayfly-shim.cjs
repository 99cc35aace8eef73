'use strict';
// Runs a function behind Mayfly's frame protocol on descriptor 3. No packages, Node.js 16 and later.
const fs = require('fs');
const Module = require('module');
const net = require('net');
const path = require('path');
const { pathToFileURL } = require('url');
const { format, types } = require('util');
const streaming = require('./streaming.cjs');

const INVOKE = 1, STOP = 2, STREAM_WINDOW = 3, READY = 16, INIT_ERROR = 17, RESPONSE = 18, ERROR = 19, FATAL = 23;
const FRAME_LIMIT = 16 * 1024 * 1024;
const HEADER = 9;
const slots = Math.max(1, Number(process.env.MAYFLY_CONCURRENCY) || 1);
const taskRoot = process.env.LAMBDA_TASK_ROOT || process.cwd();
// From this version on a plain value that a handler returns is its result; before, only a callback or a promise carried one.
const returnsValues = Number(process.versions.node.split('.')[0]) >= 24;

// With one slot a variable says whose lines are printed; with several, the asynchronous context does.
const storage = slots > 1 ? new (require('async_hooks').AsyncLocalStorage)() : null;
let current = null;
let lastId;
const active = new Map();
const invocationNow = () => (storage ? storage.getStore() : current);

// V8 writes the name into the stack while an error is made, so every type needs a class of its own.
const faults = new Map();
class Fault {
  constructor(type, reason) {
    if (!faults.has(type)) {
      const name = type.replace('Runtime.', '');
      const made = { [name]: class extends Error {} }[name];
      made.prototype.name = type;
      faults.set(type, made);
    }
    return new (faults.get(type))(reason);
  }
}

// Console: one line an entry, as Lambda prints it. A carriage return does not end a log line.
const jsonLog = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';
const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
function print(level, args) {
  const id = invocationNow()?.requestId ?? lastId, time = new Date().toISOString();
  const line = jsonLog ? jsonLine(time, level, id, args) : `${time}\t${id}\t${level}\t${format(...args)}`;
  process.stdout.write(`${line.replace(/\n/g, '\r')}\n`);
}

function jsonLine(timestamp, level, requestId, args) {
  const entry = { timestamp, level, requestId };
  if (args.length === 1) {
    try {
      return JSON.stringify({ ...entry, message: args[0] }, (_, value) => value instanceof Error ? { ...logged(value), ...value } : value);
    } catch {
      return JSON.stringify({ ...entry, message: format(args[0]) });
    }
  }
  const error = args.find((arg) => arg instanceof Error);
  return JSON.stringify({ ...entry, message: format(...args), ...(error && logged(error)) });
}

function logged(error) {
  return {
    errorType: error.constructor?.name ?? 'UnknownError', errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : error.stack,
  };
}

const least = levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
for (const [method, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['warn', 'WARN'], ['error', 'ERROR'], ['trace', 'TRACE'], ['fatal', 'FATAL']])
  console[method] = levels.indexOf(level) < least ? () => {} : (message, ...more) => print(level, [message, ...more]);

function describe(error) {
  const clean = (text) => text?.replaceAll('\x7F', '%7F');
  try {
    return isError(error)
      ? { errorType: clean(error.name), errorMessage: clean(error.message), trace: clean(error.stack).split('\n') }
      : { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: 'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack' };
  }
}

function isError(value) {
  const filled = (text) => typeof text === 'string' && text !== '';
  return types.isNativeError(value) || filled(value?.name) && filled(value.message) && filled(value.stack);
}

function report(title, error) {
  const thrown = error instanceof Error ? error : new Error(typeof error === 'symbol' ? String(error) : error);
  if (jsonLog) return console.error(thrown);
  const full = (_, value) => value instanceof Error
    ? { errorType: value.name, errorMessage: value.message, code: value.code, ...value, ...(typeof value.stack === 'string' && { stack: value.stack.split('\n') }) }
    : value;
  let text;
  try {
    text = JSON.stringify(thrown, full);
  } catch {
    text = JSON.stringify(describe(thrown));
  }
  console.error(title, `\t${text}`);
}

let socket, ready = false;
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
    this.promised = false;
    this.waits = true;
    this.deadline = Number(payload.readBigInt64BE(0));
    let offset = 8;
    const texts = [];
    for (let i = 0; i < 6; i++) {
      const length = payload.readUInt16BE(offset);
      texts.push(payload.toString('utf8', offset + 2, offset + 2 + length));
      offset += 2 + length;
    }
    [this.requestId, this.arn, this.traceId, this.clientContext, this.identity, this.tenantId] = texts;
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
    return context;
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
        payload = Buffer.from(JSON.stringify(result) ?? 'null');
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
      payload = Buffer.from(JSON.stringify(describe(error)));
    }
    this.finish(type, payload);
  }

  /** Sends the last frame. */
  finish(type, payload, then) {
    if (this.answered) return;
    this.answered = true;
    active.delete(this.slot);
    if (current === this) current = null;
    if (active.size === 0) socket.ref();
    send(type, this.slot, payload, then);
  }

  run(handler) {
    active.set(this.slot, this);
    current = this;
    lastId = this.requestId;
    // The channel must not count as work of the function: `beforeExit` then says that its event loop is empty.
    socket.unref();
    if (this.traceId) process.env._X_AMZN_TRACE_ID = this.traceId;
    else delete process.env._X_AMZN_TRACE_ID;
    try {
      const event = JSON.parse(this.event === '' ? 'null' : this.event);
      this.event = null;
      if (streaming.streams(handler)) return streaming.run(this, handler, event, { send, report, describe });
      const callback = (error, result) => this.settle(error, result, this.waits);
      const returned = handler(event, this.context(), callback);
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

function parsed(text, title) {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${title} as json: ${error}`);
  }
}

process.on('beforeExit', () => {
  if (!ready) process.exit(13); // an import that waits for ever: the status that Node.js gives it
  for (const invocation of [...active.values()]) {
    if (!invocation.stream) invocation.drained();
    else if (!streaming.idle(invocation)) socket.ref();
  }
});

/** What no handler caught ends the process, after the invocation that runs has been told. */
function failed(error, title, status, invocation = invocationNow()) {
  report(title, error);
  socket.ref();
  const last = (type, slot) => send(type, slot, Buffer.from(JSON.stringify(describe(error))), () => process.exit(status));
  if (!ready) last(INIT_ERROR, 0);
  else if (invocation && !invocation.answered) {
    if (invocation.stream) return streaming.fail(invocation, Buffer.from(JSON.stringify(describe(error))), () => process.exit(status));
    invocation.answered = true;
    last(FATAL, invocation.slot);
  } else process.exit(status);
}
const uncaught = (error) => failed(error, 'Uncaught Exception', 129);
process.on('uncaughtException', uncaught);
process.on('unhandledRejection', (reason, promise) => {
  const error = new Fault('Runtime.UnhandledPromiseRejection', typeof reason === 'symbol' ? String(reason) : reason);
  failed(Object.assign(error, { reason, promise }), 'Unhandled Promise Rejection', 128);
});

// Packages that neither the function nor a layer has: packages.cjs knows where else to look.
const { _resolveFilename } = Module;
Module._resolveFilename = function resolveFilename(request, ...rest) {
  try {
    return _resolveFilename.call(this, request, ...rest);
  } catch (error) {
    const found = error.code === 'MODULE_NOT_FOUND' && request[0] !== '.' && require('./packages.cjs').find(request);
    if (found) return found;
    throw error;
  }
};

function isModule(file) {
  if (/\.m[jt]s$/.test(file)) return true;
  if (!/[^c][jt]s$/.test(file)) return false;
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
    const file = ['', '.js', '.mjs', '.cjs', ...(returnsValues ? ['.ts', '.mts', '.cts'] : [])].map((end) => target + end)
      .find((f) => fs.statSync(f, { throwIfNoEntry: false })?.isFile()) ?? (fs.existsSync(target) ? target : undefined);
    const module = file && isModule(file);
    if (module) require('./packages.cjs').hook();
    if (module) app = await import(pathToFileURL(file).href);
    else app = require(file ?? require.resolve(match[1], { paths: [taskRoot, root] }));
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND') throw new Fault('Runtime.ImportModuleError', error);
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', error);
    throw error;
  }
  const handler = match[2].split('.').reduce((value, key) => value?.[key], app);
  if (!handler) throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
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
      if (type === STREAM_WINDOW) {
        streaming.grant(active.get(slot), payload);
        continue;
      }
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
  streaming.install();
  socket = new net.Socket({ fd: 3, readable: true, writable: true });
  // Not work of the function: an import that waits for ever must be seen to.
  socket.unref();
  try {
    handler = await load(process.env._HANDLER ?? '');
    // What the load left unhandled belongs to the start.
    await new Promise(setImmediate);
  } catch (error) {
    return uncaught(error);
  }
  ready = true;
  socket.ref();
  listen(handler);
  send(READY, 0, Buffer.alloc(0));
})();

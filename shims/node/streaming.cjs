'use strict';
// Streamed answers: the global `awslambda` and the frames behind it (docs/paths/frames.md).
const { AsyncResource } = require('async_hooks');
const { Writable } = require('stream');

const ERROR = 19, STREAM_BEGIN = 20, STREAM_CHUNK = 21, STREAM_END = 22, FATAL = 23;
const WINDOW = 256 * 1024;
const PIECE = 64 * 1024;
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';

class StreamFault extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

/** What a streaming handler writes its answer to. Bytes go out as far as the server's window allows. */
class ResponseStream extends Writable {
  constructor(slot, send, highWaterMark) {
    super({ highWaterMark });
    Object.defineProperty(this, '_wire', { value: { slot, send, window: WINDOW, type: '', begun: false, failed: false, rest: null, done: null, scope: new AsyncResource('ResponseStream') } });
  }

  setContentType(type) {
    if (this._wire.begun) throw new StreamFault('Runtime.InvalidStreamingOperation', 'Cannot set content-type, too late.');
    this._wire.type = String(type);
  }

  write(chunk, encoding, done) {
    this._prelude();
    return super.write(bytes(chunk), encoding, done);
  }

  end(chunk, encoding, done) {
    if (typeof chunk === 'function') [chunk, done] = [undefined, chunk];
    else if (typeof encoding === 'function') [encoding, done] = [undefined, encoding];
    if (!this.writableEnded && !this.destroyed) this._prelude();
    return chunk === undefined || chunk === null ? super.end(done) : super.end(bytes(chunk), encoding, done);
  }

  _prelude() {
    const write = this._onBeforeFirstWrite;
    this._onBeforeFirstWrite = undefined;
    if (typeof write === 'function') write((chunk) => super.write(chunk));
  }

  _write(chunk, _encoding, done) {
    this._begin();
    this._wire.rest = chunk;
    this._wire.done = done;
    this._pump();
  }

  _final(done) {
    this._begin();
    // An empty chunk: the client has all of it, though the handler may run on.
    if (!this._wire.failed) this._wire.send(STREAM_CHUNK, this._wire.slot, '');
    done();
  }

  _destroy(error, done) {
    this._wire.rest = this._wire.done = null;
    done(error);
  }

  _begin() {
    const wire = this._wire;
    if (wire.begun) return;
    wire.begun = true;
    wire.send(STREAM_BEGIN, wire.slot, wire.type);
  }

  _pump() {
    const wire = this._wire;
    while (wire.rest && wire.rest.length > 0 && wire.window > 0) {
      const piece = wire.rest.subarray(0, Math.min(wire.rest.length, wire.window, PIECE));
      wire.rest = wire.rest.subarray(piece.length);
      wire.window -= piece.length;
      wire.send(STREAM_CHUNK, wire.slot, piece);
    }
    if (!wire.rest || wire.rest.length > 0) return;
    const done = wire.done;
    wire.rest = wire.done = null;
    done();
  }

  /** The server has room for more. */
  _grant(count) {
    this._wire.window += count;
    this._wire.scope.runInAsyncScope(() => this._pump());
  }
}

function bytes(chunk) {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
}

const awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAMING] = 'response';
    if (typeof options?.highWaterMark === 'number') handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
    return handler;
  },
  HttpResponseStream: {
    from(stream, metadata) {
      stream.setContentType(PRELUDE_TYPE);
      const prelude = JSON.stringify(metadata);
      stream._onBeforeFirstWrite = (write) => {
        write(prelude);
        write(new Uint8Array(8));
      };
      return stream;
    },
  },
};

/** Defines the global that functions find on Lambda. */
exports.install = (env) => {
  if (!/^(1|true)$/.test(env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA ?? '')) globalThis.awslambda = awslambda;
  else if (globalThis.awslambda === awslambda) delete globalThis.awslambda;
};

/** Whether a handler streams. */
exports.streams = (handler) => {
  const kind = handler[STREAMING];
  if (kind === undefined || kind === null || kind === false) return false;
  if (kind !== 'response') throw new StreamFault('Runtime.MalformedStreamingHandler', 'Only response streaming is supported.');
  return true;
};

/**
 * Runs a streaming handler. The invocation is over when both the handler's promise and its stream have ended.
 * @param invocation The invocation; `invocation.finish(type, payload)` sends its last frame.
 * @param report Logs an error.
 * @param describe Makes an error object.
 */
exports.run = (invocation, handler, event, { send, report, describe }) => {
  const stream = new ResponseStream(invocation.slot, send, handler[HIGH_WATER_MARK]);
  invocation.stream = stream;
  const ended = new Promise((resolve) => stream.once('close', resolve));
  const context = invocation.context();
  for (const name of ['succeed', 'fail', 'done']) delete context[name];
  const run = async () => {
    const returned = handler(event, stream, context);
    if (typeof returned?.then !== 'function') throw 'Streaming does not support non-async handlers.';
    if ((await returned) !== undefined) console.warn('Streaming handlers ignore return values.');
    await ended;
    if (!stream.writableFinished) throw 'Response stream is not finished.';
  };
  run().then(() => invocation.finish(STREAM_END, ''), (error) => {
    report('Invoke Error', error);
    exports.fail(invocation, JSON.stringify(describe(error)));
  });
};

/** Ends a streaming invocation with an error object: after what was written, when something was. With `last` the process ends too, and that is called then. */
exports.fail = (invocation, payload, last) => {
  const stream = invocation.stream;
  if (!stream._wire.begun) return invocation.finish(last ? FATAL : ERROR, payload, last);
  if (stream.writableFinished && !last) return invocation.finish(STREAM_END, '');
  const finish = () => invocation.finish(last ? FATAL : STREAM_END, payload, last);
  if (stream.destroyed) return finish();
  stream._wire.failed = true;
  stream.on('error', () => {});
  stream.once('close', finish);
  stream.end();
};

/** Nothing is left to run: the invocation is over when its stream has ended, else it lasts until the time limit, as on Lambda. */
exports.idle = (invocation) => {
  if (!invocation.stream.writableFinished) return false;
  invocation.finish(STREAM_END, '');
  return true;
};

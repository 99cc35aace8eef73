'use strict';
// Frames over an inherited descriptor (docs/paths/frames.md). Nothing of a frame is kept: whoever receives one reads it at once.
const { readSync, writeSync } = require('fs');
const net = require('net');

const HEADER = 9;
const FRAME_LIMIT = 16 * 1024 * 1024;
const RESPONSE = 18, ERROR = 19;
const BUFFER = 64 * 1024;
const TOO_LARGE = '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}';

/** Both directions of the socket. `receive(type, slot, bytes, from, to)` is given each frame. */
exports.Channel = class Channel {
  constructor(descriptor) {
    this.descriptor = descriptor;
    this.receive = null;
    this.socket = null;
    this.part = null;
    this.partHave = 0;
    this.output = Buffer.allocUnsafeSlow(HEADER + BUFFER);
    this.filled = 0;
    this.due = false;
    this.behind = 0;
    this.input = null;
    this.patience = 0;
    this.resting = false;
    this.look = () => {
      if (this.resting) this.lookFor(this.patience);
    };
    this.flushLate = () => {
      this.due = false;
      this.flush();
    };
  }

  /** Receives from now on; `gone` is called when the other side is. */
  listen(receive, gone, open = (options) => new net.Socket({ fd: this.descriptor, readable: true, writable: true, ...options })) {
    this.receive = receive;
    const input = this.input = Buffer.allocUnsafeSlow(BUFFER);
    this.socket = open({ onread: { buffer: input, callback: (count) => this.take(input, count) } });
    this.socket.on('end', gone);
    this.socket.on('error', gone);
  }

  /** Hands on the frames of what was read. A large one arrives in many pieces, which are joined in a buffer of its size. */
  take(bytes, end) {
    this.resting = false;
    let at = this.part === null ? 0 : this.join(bytes, 0, end);
    while (end - at >= HEADER) {
      const from = at + HEADER, to = from + bytes.readUInt32BE(at);
      if (to > end) break;
      this.receive(bytes[at + 4], bytes.readUInt32BE(at + 5), bytes, from, to);
      at = to;
    }
    if (at < end) {
      this.part = Buffer.allocUnsafe(HEADER);
      this.partHave = 0;
      this.join(bytes, at, end);
    }
    return true;
  }

  join(bytes, at, end) {
    while (at < end) {
      const count = Math.min(this.part.length - this.partHave, end - at);
      bytes.copy(this.part, this.partHave, at, at + count);
      this.partHave += count;
      at += count;
      if (this.partHave < this.part.length) break;
      const size = HEADER + this.part.readUInt32BE(0);
      if (size === this.part.length) {
        const frame = this.part;
        this.part = null;
        this.receive(frame[4], frame.readUInt32BE(5), frame, HEADER, size);
        break;
      }
      const whole = Buffer.allocUnsafe(size);
      this.part.copy(whole);
      this.part = whole;
    }
    return at;
  }

  /** Writes a frame into the buffer; the payload is text or bytes. */
  put(type, slot, payload) {
    // Three bytes are the most that a UTF-16 unit takes.
    const most = HEADER + payload.length * (typeof payload === 'string' ? 3 : 1);
    if (most > this.output.length - this.filled) this.flush();
    if (most > this.output.length) return this.putLarge(type, slot, payload);
    this.filled += this.frame(this.output, this.filled, type, slot, payload);
  }

  putLarge(type, slot, payload) {
    const length = Buffer.byteLength(payload);
    if (length > FRAME_LIMIT && type === RESPONSE) return this.put(ERROR, slot, TOO_LARGE);
    const whole = Buffer.allocUnsafe(HEADER + length);
    this.write(whole, this.frame(whole, 0, type, slot, payload));
  }

  frame(bytes, at, type, slot, payload) {
    let length = payload.length;
    if (typeof payload === 'string') length = bytes.write(payload, at + HEADER);
    else bytes.set(payload, at + HEADER);
    bytes.writeUInt32BE(length, at);
    bytes[at + 4] = type;
    bytes.writeUInt32BE(slot, at + 5);
    return HEADER + length;
  }

  /** Sends a frame now, with all that waits; `then` is called when it is out. */
  send(type, slot, payload, then) {
    this.put(type, slot, payload);
    this.flush(then);
  }

  /** Sends a frame at the end of this turn of the event loop, together with others of it. */
  sendLate(type, slot, payload) {
    this.put(type, slot, payload);
    if (this.due) return;
    this.due = true;
    setImmediate(this.flushLate);
  }

  flush(then) {
    if (this.filled > 0) {
      this.write(this.output, this.filled);
      this.filled = 0;
    }
    if (!then) return;
    if (this.behind > 0) this.socket.write('', then);
    else then();
  }

  /** Writes at once what the socket takes; the stream, which costs more, gets the rest. */
  write(bytes, length) {
    let at = 0;
    while (this.behind === 0 && at < length) {
      try {
        at += writeSync(this.descriptor, bytes, at, length - at);
      } catch (error) {
        if (error.code !== 'EAGAIN') process.exit(0); // the server is gone
        break;
      }
    }
    if (at === length) return;
    this.behind++;
    this.socket.write(Buffer.from(bytes.subarray(at, length)), () => this.behind--);
  }

  /** Nothing runs: where the server has said so, the next frame comes sooner than a processor that sleeps wakes. */
  rest() {
    this.resting = this.patience > 0;
    if (this.resting) setImmediate(this.look);
  }

  lookFor(microseconds) {
    const end = performance.now() + microseconds / 1000, limit = Error.stackTraceLimit;
    this.patience = 0;
    let count = 0;
    // That nothing is there yet is said by an error: it needs no stack.
    Error.stackTraceLimit = 0;
    do {
      try {
        count = readSync(this.descriptor, this.input, 0, BUFFER);
        break;
      } catch (error) {
        if (error.code !== 'EAGAIN') break;
      }
    } while (performance.now() < end);
    Error.stackTraceLimit = limit;
    if (count > 0) this.take(this.input, count);
  }

  /** Whether the channel keeps the process alive. It must not while a function runs: `beforeExit` then says that its event loop is empty. */
  hold(alive) {
    if (alive) this.socket.ref();
    else this.socket.unref();
  }
};

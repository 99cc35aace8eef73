'use strict';
// A stem: a process that is warm before anybody knows for which function (docs/paths/frames.md).
const fs = require('fs');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');
const log = require('./console.cjs');
const invocations = require('./invocation.cjs');
const { load } = require('./load.cjs');

const INVOKE = 1;
const HEADER = 9;
const ROUNDS = 10;

/**
 * Runs all that a start and a first call run: its code is then compiled, and what Node.js makes at first use is made.
 * `/var/task` is left alone: that it is empty would be remembered.
 */
exports.warm = async (channel, configure) => {
  // Most functions call something.
  require('https');
  process.stdout.write('');

  const { descriptor, receive } = channel;
  const variables = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`MAYFLY_${n}`, 'text']));
  const environment = JSON.stringify({ ...process.env, ...variables, LAMBDA_TASK_ROOT: '/' });
  const frame = invoke({ text: 'text', list: [1, null, true] });
  let handler;
  channel.descriptor = fs.openSync('/dev/null', 'w');
  channel.receive = (type, slot, bytes, from, to) => invocations.invoke(handler, slot, bytes, from, to);
  for (let round = 0; round < ROUNDS; round++) {
    exports.become(JSON.parse(environment));
    configure();
    for (const name of ['handler', 'callback', 'stream']) {
      handler = await load(`warm.${name}`, __dirname, require);
      channel.take(frame, frame.length);
      await new Promise(setImmediate);
    }
    log.line('INFO', 'id', ['text %s', 1, {}]);
    delete require.cache[path.join(__dirname, 'warm.cjs')];
  }
  await import(pathToFileURL(path.join(__dirname, 'warm-module.mjs')).href);
  delete require.cache[path.join(__dirname, 'warm.cjs')];
  fs.closeSync(channel.descriptor);
  Object.assign(channel, { descriptor, receive });
};

/** Takes on a function's environment and its folder, and what else Node.js looks at only when it starts. */
exports.become = (environment) => {
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  }
  for (const name of Object.keys(environment)) {
    // To set the time zone is costly, even to what it was.
    if (name !== 'TZ' || process.env.TZ !== environment.TZ) process.env[name] = environment[name];
  }
  process.chdir(environment.LAMBDA_TASK_ROOT);
  Module._initPaths();
};

/** An invocation as the server sends it. */
function invoke(event) {
  const texts = ['00000000-0000-0000-0000-000000000000', 'arn', 'Root=1-2;Sampled=1', '', '', ''].flatMap((text) => [Buffer.from([0, text.length]), Buffer.from(text)]);
  const frame = Buffer.concat([Buffer.alloc(HEADER + 8), ...texts, Buffer.from(JSON.stringify(event))]);
  frame.writeUInt32BE(frame.length - HEADER, 0);
  frame[4] = INVOKE;
  frame.writeUInt32BE(1, 5);
  return frame;
}

'use strict';
// A stem: a process that is warm before anybody knows for which function (docs/paths/frames.md).
const fs = require('fs');
const Module = require('module');
const net = require('net');
const os = require('os');
const path = require('path');
const { once } = require('events');
const { pathToFileURL } = require('url');
const { Channel } = require('./channel.cjs');
const log = require('./console.cjs');
const invocations = require('./invocation.cjs');
const { load } = require('./load.cjs');

const INVOKE = 1;
const HEADER = 9;
const ROUNDS = 10;
const VERSION = process.versions.node.split('.')[0];
// What most functions get, in its order: an object with names that were there before is made more quickly, and what is set already need not be set.
const USUAL = {
  PATH: '', LANG: 'en_US.UTF-8', TZ: ':UTC', HOME: '/tmp', TMPDIR: '/tmp', PWD: '/var/task', SHLVL: '0', AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
  AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000', _AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1', _AWS_XRAY_DAEMON_PORT: '2000', AWS_ENDPOINT_URL: '',
  AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${VERSION}.x`, LD_LIBRARY_PATH: '', LAMBDA_RUNTIME_DIR: '/var/runtime',
  NODE_PATH: `/opt/nodejs/node${VERSION}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task`,
  AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '', AWS_SECURITY_TOKEN: '', AWS_REGION: '', AWS_DEFAULT_REGION: '',
  AWS_LAMBDA_FUNCTION_NAME: '', AWS_LAMBDA_FUNCTION_VERSION: '$LATEST', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: '', AWS_LAMBDA_LOG_STREAM_NAME: '', LAMBDA_TASK_ROOT: '/var/task', _HANDLER: '', MAYFLY_CONCURRENCY: '1', AWS_LAMBDA_RUNTIME_API: '',
};

// The environment as it is: to set a variable costs more than to compare it.
let known;
// What `require` searches besides the folders above a file follows from these two, and costs more.
let home, nodePath;

/**
 * Runs all that a start and a first call run: its code is then compiled, and what Node.js makes at first use is made.
 * `/var/task` is left alone: that it is empty would be remembered.
 */
exports.warm = async (receive, configure, handle) => {
  // Most functions call something.
  require('https');
  process.stdout.write('');

  known = { ...process.env };
  const usual = { ...USUAL, ...known };
  const own = JSON.stringify({ ...known, LAMBDA_TASK_ROOT: __dirname });
  const assigned = JSON.stringify({ ...usual, LAMBDA_TASK_ROOT: __dirname });
  const file = path.join(__dirname, 'warm.js');
  const frame = invoke({ text: 'text', list: [1, null, true] });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stem-'));
  const { channel, server, close } = await connect(receive, path.join(folder, 'socket'));
  for (let round = 0; round < ROUNDS; round++) {
    const environment = JSON.parse(round % 2 === 0 ? own : assigned);
    exports.become(environment);
    configure(environment, channel);
    for (const name of ['handler', 'callback', 'stream']) {
      handle(await load(`warm.${name}`, __dirname, require));
      await new Promise(setImmediate);
      server.write(frame);
      await once(server, 'data');
    }
    log.line('INFO', 'id', ['text %s', 1, {}]);
    delete require.cache[file];
  }
  await import(pathToFileURL(path.join(__dirname, 'warm-module.mjs')).href);
  delete require.cache[file];
  handle(undefined);
  await close();
  fs.rmdirSync(folder);
  delete process.env._X_AMZN_TRACE_ID;
  adopt(usual);
  process.chdir('/');
};

/** Takes on a function's environment and its folder, and what else Node.js looks at only when it starts. */
exports.become = (environment) => {
  adopt(environment);
  process.chdir(environment.LAMBDA_TASK_ROOT);
  if (environment.HOME === home && environment.NODE_PATH === nodePath) return;
  ({ HOME: home, NODE_PATH: nodePath } = environment);
  Module._initPaths();
};

function adopt(environment) {
  for (const name of Object.keys(known)) {
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  }
  for (const name of Object.keys(environment)) {
    if (known[name] !== environment[name]) process.env[name] = environment[name];
  }
  known = environment;
}

/** A channel whose other end is ours too: its frames go all the way that those of the server go. */
async function connect(receive, address) {
  const listener = net.createServer().listen(address);
  await once(listener, 'listening');
  const channel = new Channel();
  channel.listen(receive, () => {}, (options) => net.connect({ ...options, path: address }));
  const [[server]] = await Promise.all([once(listener, 'connection'), once(channel.socket, 'connect')]);
  channel.descriptor = channel.socket._handle.fd;
  const close = () => {
    listener.close();
    server.destroy();
    channel.socket.destroy();
    return once(listener, 'close');
  };
  return { channel, server, close };
}

/** An invocation as the server sends it. */
function invoke(event) {
  const texts = ['00000000-0000-0000-0000-000000000000', 'arn', 'Root=1-2;Sampled=1', '', '', ''].flatMap((text) => [Buffer.from([0, text.length]), Buffer.from(text)]);
  const frame = Buffer.concat([Buffer.alloc(HEADER + 8), ...texts, Buffer.from(JSON.stringify(event))]);
  frame.writeUInt32BE(frame.length - HEADER, 0);
  frame[4] = INVOKE;
  frame.writeUInt32BE(1, 5);
  return frame;
}

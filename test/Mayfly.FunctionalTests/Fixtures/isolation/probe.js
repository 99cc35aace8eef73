// The words of probe.py. Those that need system calls are carried out by a child, which lives behind the same walls.
const fs = require('fs');
const net = require('net');
const child = require('child_process');

function talk({ host, port, text = '' }) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const connection = net.connect({ host, port });
    const late = setTimeout(() => connection.destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), 1000);
    connection.on('connect', () => {
      clearTimeout(late);
      if (text) connection.write(text);
      else connection.end();
    });
    connection.on('data', chunk => { answer += chunk.toString('latin1'); });
    connection.on('error', error => { clearTimeout(late); reject(error); });
    connection.on('close', () => resolve(answer));
  });
}

function write({ path }) {
  const created = !fs.existsSync(path);
  fs.appendFileSync(path, 'x');
  if (created) fs.unlinkSync(path);
  return 'written';
}

function read({ path, bytes = 65536 }) {
  const file = fs.openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    let filled = 0;
    for (let count = 1; count > 0 && filled < bytes; filled += count) count = fs.readSync(file, buffer, filled, bytes - filled);
    return buffer.toString('latin1', 0, filled);
  } finally {
    fs.closeSync(file);
  }
}

function run({ words }) {
  const ended = child.spawnSync(words[0], words.slice(1), { timeout: 10000 });
  if (ended.error) throw ended.error;
  return { status: ended.status, output: ended.stdout.toString('latin1') + ended.stderr.toString('latin1') };
}

function untilRefused(take, give) {
  const taken = [];
  try {
    for (;;) taken.push(take());
  } catch (error) {
    return { taken: taken.length, refused: error.code };
  } finally {
    taken.forEach(give);
  }
}

async function bomb({ kind }) {
  if (kind === 'files') return untilRefused(() => fs.openSync('/dev/null', 'r'), fs.closeSync);
  if (kind === 'processes') {
    const taken = [];
    for (;;) {
      const one = child.spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
      const refused = await new Promise(resolve => { one.once('spawn', () => resolve()); one.once('error', resolve); });
      if (refused) {
        taken.forEach(other => other.kill('SIGKILL'));
        return { taken: taken.length, refused: refused.code };
      }
      taken.push(one);
    }
  }
  if (kind === 'disk') {
    const file = fs.openSync('/tmp/bomb', 'w');
    try {
      const chunk = Buffer.alloc(1 << 20);
      return untilRefused(() => { if (fs.writeSync(file, chunk) < chunk.length) throw Object.assign(new Error('the rest did not fit'), { code: 'ENOSPC' }); }, () => {});
    } finally {
      fs.closeSync(file);
      fs.unlinkSync('/tmp/bomb');
    }
  }
  if (kind === 'memory') {
    const hoard = [];
    for (;;) hoard.push(Buffer.alloc(8 << 20, 'x'));
  }
  if (kind === 'log') {
    const line = 'p'.repeat(1023);
    for (let i = 0; i < 64 * 1024; i++) console.log(line);
    return 'printed';
  }
  for (;;);
}

const words = {
  read, write, run, talk, bomb,
  list: ({ path }) => fs.readdirSync(path),
  link: ({ path }) => fs.readlinkSync(path),
  environment: () => ({ ...process.env }),
};

function inChild(step) {
  const ended = child.spawnSync('/usr/bin/python3', ['-I', '/var/task/probe.py', '--steps'], { input: JSON.stringify({ steps: [step] }), maxBuffer: 1 << 26 });
  if (ended.error) throw ended.error;
  return JSON.parse(ended.stdout.toString())[0];
}

exports.handler = async event => {
  const results = [];
  for (const step of event.steps) {
    try {
      results.push(words[step.do] ? { ok: await words[step.do](step) } : inChild(step));
    } catch (error) {
      results.push({ error: error.code ?? error.name });
    }
  }
  return results;
};

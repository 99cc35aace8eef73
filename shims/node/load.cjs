'use strict';
// Finds and loads the handler, as the managed runtime does.
const fs = require('fs');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');
const { Fault } = require('./errors.cjs');
const packages = require('./packages.cjs');

const OPTIONAL = { throwIfNoEntry: false };
const readsTypes = Number(process.versions.node.split('.')[0]) >= 24;
const endings = ['', '.js', '.mjs', '.cjs', ...(readsTypes ? ['.ts', '.mts', '.cts'] : [])];

// Where SDKs that do not know AWS_ENDPOINT_URL decide where a client calls: of version 2, and of what clients of version 3 have in common.
const deciding = /[\\/](aws-sdk[\\/]lib[\\/]region_config|(config-resolver|middleware-endpoint)[\\/]dist.*[\\/](EndpointsConfig|resolveEndpoints?Config))\.js$/;
const decided = new Set();

// Packages that neither the function nor a layer has: packages.cjs knows where else to look.
const { _resolveFilename } = Module;
let direct;
Module._resolveFilename = function resolveFilename(request, ...rest) {
  if (request === direct) return request;
  try {
    const file = _resolveFilename.call(this, request, ...rest);
    if (file.endsWith('onfig.js') && deciding.test(file) && !decided.has(file)) {
      decided.add(file);
      require('./endpoints.cjs').adopt(file);
    }
    return file;
  } catch (error) {
    const found = error.code === 'MODULE_NOT_FOUND' && request[0] !== '.' && packages.find(request);
    if (found) return found;
    throw error;
  }
};

function isModule(file, taskRoot) {
  if (/\.m[jt]s$/.test(file)) return true;
  if (!/[^c][jt]s$/.test(file)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const described = path.join(folder, 'package.json');
    // Not by the error of a read: that costs more than the rest of a start from a stem.
    if (fs.existsSync(described)) {
      try {
        return JSON.parse(fs.readFileSync(described, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (folder === taskRoot || folder === path.dirname(folder)) return false;
  }
}

/** The handler's file. Where no link leads to it, `require` need not look for it again: the path of the working directory has none. */
function locate(target) {
  for (const end of endings) {
    const file = target + end;
    const entry = fs.lstatSync(file, OPTIONAL);
    if (entry?.isFile()) {
      if (path.dirname(file) === process.cwd()) direct = file;
      return file;
    }
    if (entry?.isSymbolicLink() && fs.statSync(file, OPTIONAL)?.isFile()) return file;
  }
  return fs.existsSync(target) ? target : undefined;
}

/** The function that a handler's name stands for; `require` is the main module's, which error messages name. */
exports.load = async (name, taskRoot, require) => {
  if (name.includes('..'))
    throw new Fault('Runtime.MalformedHandlerName', `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  const base = path.basename(name);
  const root = path.resolve(taskRoot, name.slice(0, name.length - base.length));
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const target = path.join(root, match[1]);
  let app;
  try {
    const file = locate(target);
    if (file && isModule(file, taskRoot)) {
      packages.hook();
      app = await import(pathToFileURL(file).href);
    } else {
      app = require(file ?? require.resolve(match[1], { paths: [taskRoot, root] }));
    }
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND') throw new Fault('Runtime.ImportModuleError', error);
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', error);
    throw error;
  } finally {
    direct = undefined;
  }
  const handler = match[2].split('.').reduce((value, key) => value?.[key], app);
  if (!handler) throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler;
};

'use strict';
// Where packages lie besides the function's own folder: layers, and what this machine has of the SDK that the managed runtimes bring along.
const fs = require('fs');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');

const sdk = /^(@aws-sdk|@aws-crypto|@aws|@smithy)\/|^aws-sdk(\/|$)/;

/** The machine's global folders that hold the SDK. */
const globals = () => [path.resolve(process.execPath, '../../lib'), '/usr/local/lib', '/usr/lib', '/usr/share']
  .filter((folder, at, all) => all.indexOf(folder) === at)
  .map((folder) => path.join(folder, folder === '/usr/share' ? 'nodejs' : 'node_modules'))
  .filter((folder) => fs.existsSync(path.join(folder, '@aws-sdk')) || fs.existsSync(path.join(folder, 'aws-sdk')));

/** Finds a package of the SDK for `require`. */
exports.find = (request) => (sdk.test(request) ? Module._findPath(request, globals()) : false);

/** Lets `import` find what `require` finds; only where there is something to find, since on older versions it costs a thread. */
exports.hook = () => {
  const layers = (process.env.NODE_PATH ?? '').split(':').filter((folder) => folder.endsWith('/node_modules') && fs.existsSync(folder));
  const machine = globals();
  if (layers.length + machine.length === 0) return;
  const from = (folder) => pathToFileURL(path.join(path.dirname(folder), 'none.js')).href;
  const data = { sdk, layers: layers.map(from), machine: machine.map(from) };
  if (Module.registerHooks) {
    Module.registerHooks({
      resolve(specifier, context, next) {
        try {
          return next(specifier, context);
        } catch (error) {
          for (const parentURL of places(data, specifier, error)) {
            try {
              return next(specifier, { ...context, parentURL });
            } catch {
              // Not there.
            }
          }
          throw error;
        }
      },
    });
  } else {
    Module.register?.(`data:text/javascript,${encodeURIComponent(`
      let data;
      const places = ${places};
      export function initialize(given) { data = given; }
      export async function resolve(specifier, context, next) {
        try {
          return await next(specifier, context);
        } catch (error) {
          for (const parentURL of places(data, specifier, error)) {
            try { return await next(specifier, { ...context, parentURL }); } catch {}
          }
          throw error;
        }
      }`)}`, { data });
  }
};

function places({ sdk, layers, machine }, specifier, error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^[./]|^\w+:/.test(specifier)) return [];
  return sdk.test(specifier) ? [...layers, ...machine] : layers;
}

'use strict';
// Sends the clients of SDKs that are too old to know AWS_ENDPOINT_URL to the platform's doors, as newer ones do by themselves.
const fs = require('fs');
const path = require('path');

const endpoint = () => (/^true$/i.test(process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '') ? undefined : process.env.AWS_ENDPOINT_URL);

/** Version 2 asks this for clients that were made without an endpoint. */
const second = (configure) => function configureEndpoint(service, ...more) {
  configure.call(this, service, ...more);
  service.config.endpoint = endpoint() ?? service.config.endpoint;
};

/** Every client of version 3 hands its settings to this. */
const third = (resolve) => (input) => resolve(input.endpoint || !endpoint() ? input : { ...input, endpoint: endpoint() });

/** Loads a file of an SDK ahead of who is about to, and changes what it exports. */
exports.adopt = (file) => {
  // It reads the variable by itself, and those that are for one service only.
  if (fs.existsSync(path.join(path.dirname(file), 'adaptors', 'getEndpointFromConfig.js'))) return;
  try {
    require(file);
  } catch {
    return; // whoever asked for it meets the same
  }
  const module = require.cache[file];
  if (typeof module.exports === 'function') module.exports = second(module.exports);
  for (const [name, change] of [['configureEndpoint', second], ['resolveEndpointsConfig', third], ['resolveEndpointConfig', third]]) {
    if (typeof module.exports[name] === 'function') module.exports[name] = change(module.exports[name]);
  }
};

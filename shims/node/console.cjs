'use strict';
// The console: one line an entry, as Lambda prints it. A carriage return does not end a log line.
const { format } = require('util');
const { describe } = require('./errors.cjs');

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const methods = [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['warn', 'WARN'], ['error', 'ERROR'], ['trace', 'TRACE'], ['fatal', 'FATAL']];
let json = false, least;

/** Makes the console print in the form that the environment asks for. */
exports.install = (env, requestId) => {
  json = env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';
  const before = least;
  least = levels.indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  if (least === before) return;
  for (const [method, level] of methods) {
    console[method] = levels.indexOf(level) < least ? () => {} : (message, ...more) => {
      process.stdout.write(exports.line(level, requestId(), [message, ...more]));
    };
  }
};

/** An entry as it is printed. */
exports.line = (level, id, args) => {
  const time = new Date().toISOString();
  const line = json ? jsonLine(time, level, id, args) : `${time}\t${id}\t${level}\t${format(...args)}`;
  return `${line.replace(/\n/g, '\r')}\n`;
};

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

/** Logs an error that ended an invocation or the process. */
exports.report = (title, error) => {
  const thrown = error instanceof Error ? error : new Error(typeof error === 'symbol' ? String(error) : error);
  if (json) return console.error(thrown);
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
};

'use strict';
class ShopError extends Error {
  constructor(message) {
    super(message);
    this.name = 'ShopError';
    this.code = 'E_STOCK';
    this.detail = { left: 0 };
  }
}
class Unnamed extends Error {}

const cases = {
  version: async () => process.versions.node.split('.')[0],
  nothing: async () => {},
  null: async () => null,
  text: async () => 'ä € 𝄞',
  surrogate: async (event) => event.text,
  date: async () => ({ at: new Date(0) }),
  nan: async () => [NaN, Infinity, -0, undefined, () => 1],
  members: async () => ({ a: undefined, b: null, f() {}, s: Symbol('s'), 1: 'one' }),
  collections: async () => [new Map([[1, 2]]), new Set([1]), Buffer.from('a'), new Uint8Array(1), /x/],
  bigint: async () => 10n,
  circular: async () => { const a = {}; a.a = a; return a; },
  tojson: async () => ({ toJSON() { throw new TypeError('no JSON'); } }),
  returned: () => 'lost',
  returned_then_called: (event, context, callback) => { callback(null, 'called'); return 'lost'; },
  promise: () => new Promise((resolve) => setTimeout(resolve, 5, 'later')),
  thenable: () => ({ then(resolve) { resolve('thenable'); }, catch() {} }),
  callback: (event, context, callback) => callback(null, 'called'),
  callback_nothing: (event, context, callback) => callback(),
  callback_twice: (event, context, callback) => { callback(null, 1); callback(null, 2); },
  callback_after_promise: async (event, context, callback) => { callback(null, 'callback'); return 'promise'; },
  callback_late_error: (event, context, callback) => { callback(null, 'fine'); setTimeout(() => { throw new RangeError('after'); }, 5); },
  callback_error: (event, context, callback) => callback(new ShopError('no stock')),
  callback_text: (event, context, callback) => callback('no stock'),
  callback_circular: (event, context, callback) => { const a = {}; a.a = a; callback(null, a); },
  waits: (event, context, callback) => { setTimeout(() => console.log('timer'), 20); callback(null, 'waited'); },
  waits_not: (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 20); callback(null, 'at once'); },
  succeed: (event, context) => context.succeed({ legacy: true }),
  done_error: (event, context) => context.done(new Error('done with it')),
  fail_nothing: (event, context) => context.fail(),
  never: async () => new Promise(() => {}),
  never_plain: () => {},
  throws: async () => { throw new TypeError('wrong'); },
  throws_sync: () => { throw new ShopError('no stock'); },
  throws_unnamed: async () => { throw new Unnamed('plain'); },
  throws_cause: async () => { throw new Error('outer', { cause: new RangeError('inner') }); },
  throws_aggregate: async () => { throw new AggregateError([new Error('a'), new Error('b')], 'several'); },
  throws_text: async () => { throw 'just text'; },
  throws_number: async () => { throw 42; },
  throws_object: async () => { throw { reason: 'object' }; },
  throws_duck: async () => { throw { name: 'Duck', message: 'quack', stack: 'Duck: quack\n    at pond' }; },
  throws_null: () => { throw null; },
  rejects_nothing: async () => Promise.reject(),
  rejects_aside: async () => { Promise.reject(new ShopError('aside')); await new Promise((resolve) => setTimeout(resolve, 500)); },
  rejects_text: async () => { Promise.reject('text'); await new Promise((resolve) => setTimeout(resolve, 500)); },
  uncaught: async () => { setTimeout(() => { throw new RangeError('timer'); }, 1); await new Promise((resolve) => setTimeout(resolve, 500)); },
  uncaught_null: async () => { setTimeout(() => { throw null; }, 1); await new Promise((resolve) => setTimeout(resolve, 500)); },
  exits: async () => process.exit(3),
  exits_quietly: async () => process.exit(),
  killed: async () => { process.kill(process.pid, 'SIGKILL'); await new Promise((resolve) => setTimeout(resolve, 500)); },
  logs: async () => {
    console.log('text %s', 'one', { a: 1 });
    console.info('two\nlines');
    console.warn();
    console.debug({ b: [1] });
    console.error('failed', Object.assign(new ShopError('no stock'), { stack: 'ShopError: no stock' }));
    console.error(Object.assign(new ShopError('alone'), { stack: 'ShopError: alone' }));
    console.trace('traced');
    process.stdout.write('raw\n');
  },
  context: async (event, context) => ({ ...context, logStreamName: undefined, left: context.getRemainingTimeInMillis() <= 5000 }),
  sdk: async () => { require('@aws-sdk/none'); },
};

exports.handler = (event, context, callback) => cases[event.case](event, context, callback);
exports.plainAsync = async () => new Promise(() => {});
exports.nested = { deep: { handler: async () => 'nested' } };
exports.text = 'no function';

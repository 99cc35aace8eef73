exports.handler = async () => 1; Promise.reject(new TypeError('at load'));

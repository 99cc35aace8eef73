exports.handler = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify('Hello World!') });

exports.about = async () => ({ program: require('fs').realpathSync(process.execPath) });

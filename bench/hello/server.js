// The bare HTTP server that the functions are measured beside. It ends with whoever started it.
const body = JSON.stringify('Hello World!');
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
require('http').createServer((request, response) => { response.writeHead(200, headers); response.end(body); }).listen(Number(process.argv[2]), '127.0.0.1');
process.stdin.on('end', () => process.exit()).resume();

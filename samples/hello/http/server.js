// A plain HTTP server: nothing in it knows of Mayfly or Lambda. It listens on $PORT.
const http = require('node:http');

http.createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`Hello from a plain HTTP server, ${request.method} ${request.url}\n`);
}).listen(process.env.PORT);

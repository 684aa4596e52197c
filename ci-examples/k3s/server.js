const { createServer } = require('node:http');
const { hostname } = require('node:os');

createServer((_, response) => response.end(`Hello from ${hostname()}\n`)).listen(process.env.PORT ?? 5000);

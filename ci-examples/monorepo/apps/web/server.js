const { createServer } = require('node:http');

createServer((request, response) => response.end('Hello from the web')).listen(process.env.PORT);

const { createServer } = require('node:http');

createServer((request, response) => response.end('Hello from the api')).listen(process.env.PORT);

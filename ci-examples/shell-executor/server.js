const { createServer } = require('node:http');

createServer((request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<h1>Up for ${Math.round(process.uptime())} s</h1>\n`);
}).listen(process.env.PORT);

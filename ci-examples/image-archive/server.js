const { createServer } = require('node:http');
const { page } = require('./page.js');

createServer((request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page('world'));
}).listen(process.env.PORT);

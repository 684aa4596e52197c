const { test } = require('node:test');
const assert = require('node:assert');
const { render } = require('./src/render.js');

test('the page has a title', () => {
  assert.match(render('Hello'), /<h1>Hello<\/h1>/);
});

const { strictEqual } = require('node:assert');
const { test } = require('node:test');
const { page } = require('./page.js');

test('the page greets', () => strictEqual(page('world'), '<h1>Hello, world, from an image</h1>\n'));

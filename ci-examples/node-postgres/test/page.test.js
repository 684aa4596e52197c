import assert from 'node:assert/strict';
import { test } from 'node:test';
import { page } from '../page.js';

test('each greeting is a row, and nobody can put markup in', () => {
  const html = page({ title: 'Hello', greetings: [{ author: 'Ann', words: '<script>' }] });
  assert.match(html, /<li><b>Ann<\/b>: &lt;script&gt;<\/li>/);
});

// Stands in for the bundler of your framework: it writes the site to dist.
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { render } = require('./src/render.js');

mkdirSync('dist/assets', { recursive: true });
const style = readFileSync('src/style.css', 'utf8');
writeFileSync('dist/assets/style.css', style);
writeFileSync('dist/assets/style.css.map', JSON.stringify({ version: 3, sources: ['src/style.css'], mappings: '' }));
writeFileSync('dist/index.html', render('Built by an earlier job'));

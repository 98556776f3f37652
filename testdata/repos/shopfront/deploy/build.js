'use strict';
// Puts the assets into public/build, without comments and leading blanks.

const fs = require('node:fs');
const path = require('node:path');

const source = path.join(__dirname, '..', 'public');
const target = path.join(source, 'build');

fs.mkdirSync(target, { recursive: true });
for (const name of fs.readdirSync(source).sort()) {
  if (!/\.(css|js)$/.test(name)) continue;
  const text = fs.readFileSync(path.join(source, name), 'utf8');
  const small = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s+/gm, '');
  fs.writeFileSync(path.join(target, name), small);
  console.log(`public/build/${name}: ${text.length} -> ${small.length} bytes`);
}

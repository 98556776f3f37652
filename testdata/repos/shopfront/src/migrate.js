'use strict';
// Brings orders of older versions to the present form.

const fs = require('node:fs');
const path = require('node:path');
const settings = require('./settings');

fs.mkdirSync(settings.orders, { recursive: true });
for (const name of fs.readdirSync(settings.orders).sort()) {
  if (!name.endsWith('.json')) continue;
  const file = path.join(settings.orders, name);
  const order = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (order.mailed !== undefined) continue;
  fs.writeFileSync(file, JSON.stringify({ ...order, mailed: true }));
  console.log(`${name}: marked as mailed`);
}

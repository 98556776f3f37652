'use strict';
// Settings: the environment first, then .env beside package.json.

const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

function readEnv(file) {
  const values = {};
  if (!fs.existsSync(file)) return values;
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const found = /^\s*([A-Z_]+)\s*=\s*"?([^"]*)"?\s*$/.exec(line);
    if (found) values[found[1]] = found[2];
  }
  return values;
}

const values = { ...readEnv(path.join(root, '.env')), ...process.env };

module.exports = {
  root,
  port: Number(values.PORT || 3000),
  name: values.SHOP_NAME || 'Shop',
  sessionSecret: values.SESSION_SECRET || 'changeme',
  adminPassword: values.ADMIN_PASSWORD || '',
  orderMail: values.ORDER_MAIL || '',
  catalogue: path.join(root, 'data', 'catalogue.json'),
  orders: values.ORDERS_DIR || path.join(root, 'data', 'orders'),
};

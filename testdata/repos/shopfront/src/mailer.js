'use strict';
// Hands new orders to the local mail system, once a minute.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const settings = require('./settings');

function send(file) {
  const order = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (order.mailed || !settings.orderMail) return;
  const text = `To: ${settings.orderMail}\nSubject: order ${order.number}\n\n${JSON.stringify(order.basket, null, 2)}\n`;
  const result = spawnSync('/usr/sbin/sendmail', ['-t'], { input: text });
  if (result.status !== 0) {
    console.error(`order ${order.number} was not mailed`);
    return;
  }
  fs.writeFileSync(file, JSON.stringify({ ...order, mailed: true }));
}

function round() {
  if (!fs.existsSync(settings.orders)) return;
  for (const name of fs.readdirSync(settings.orders).sort()) {
    if (name.endsWith('.json')) send(path.join(settings.orders, name));
  }
}

round();
setInterval(round, 60 * 1000);

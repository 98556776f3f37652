'use strict';
// The catalogue, the basket's cookie and the orders.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const settings = require('./settings');

function catalogue() {
  return JSON.parse(fs.readFileSync(settings.catalogue, 'utf8'));
}

function sign(text) {
  return crypto.createHmac('sha256', settings.sessionSecret).update(text).digest('base64url');
}

/** The cookie of a basket: its content and a signature. */
function seal(basket) {
  const text = Buffer.from(JSON.stringify(basket)).toString('base64url');
  return `${text}.${sign(text)}`;
}

/** The basket of a cookie; an empty one when the signature is not ours. */
function open(cookie) {
  const [text, signature] = String(cookie || '').split('.');
  if (!signature || signature !== sign(text)) return {};
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}

function add(basket, article) {
  if (!catalogue().some((item) => item.article === article)) return basket;
  return { ...basket, [article]: (basket[article] || 0) + 1 };
}

function total(basket) {
  const cents = catalogue().map((item) => item.cents * (basket[item.article] || 0));
  return cents.reduce((sum, value) => sum + value, 0);
}

/** Keeps an order as a file, written whole; returns its number. */
function order(basket) {
  fs.mkdirSync(settings.orders, { recursive: true });
  const number = `${Date.now()}-${crypto.randomBytes(3).toString('hex')}`;
  const file = path.join(settings.orders, `${number}.json`);
  fs.writeFileSync(`${file}.new`, JSON.stringify({ number, basket, cents: total(basket), mailed: false }));
  fs.renameSync(`${file}.new`, file);
  return number;
}

module.exports = { catalogue, seal, open, add, total, order };

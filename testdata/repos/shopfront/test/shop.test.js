'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

process.env.ORDERS_DIR = fs.mkdtempSync(path.join(os.tmpdir(), 'shopfront-'));
const shop = require('../src/shop');
const server = require('../src/server');

test('a basket survives its cookie', () => {
  const basket = shop.add({}, 'tea-100');
  assert.deepStrictEqual(shop.open(shop.seal(basket)), { 'tea-100': 1 });
  assert.deepStrictEqual(shop.open('e30.forged'), {});
});

test('an order is kept', () => {
  const number = shop.order({ 'tea-100': 2 });
  const kept = JSON.parse(fs.readFileSync(path.join(process.env.ORDERS_DIR, `${number}.json`)));
  assert.strictEqual(kept.cents, 980);
});

test('the page answers', async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  assert.match(await answer.text(), /Black tea/);
  server.close();
});

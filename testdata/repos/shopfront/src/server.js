'use strict';

const http = require('node:http');
const settings = require('./settings');
const shop = require('./shop');

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const euros = (cents) => `${(cents / 100).toFixed(2)} EUR`;

function basketOf(request) {
  const found = /(?:^|; )basket=([^;]+)/.exec(request.headers.cookie || '');
  return shop.open(found && found[1]);
}

function page(basket) {
  const items = shop.catalogue().map((item) => `<li>${escape(item.title)}, ${euros(item.cents)}
    <form method="post" action="/add/${encodeURIComponent(item.article)}"><button>add (${basket[item.article] || 0})</button></form></li>`);
  return `<!DOCTYPE html><title>${escape(settings.name)}</title><link rel="stylesheet" href="/build/shop.css">
<h1>${escape(settings.name)}</h1><ul>${items.join('\n')}</ul>
<p>Total ${euros(shop.total(basket))}</p><form method="post" action="/order"><button>order</button></form>`;
}

function redirect(response, basket) {
  response.writeHead(303, { Location: '/', 'Set-Cookie': `basket=${shop.seal(basket)}; HttpOnly; Path=/` });
  response.end();
}

function handle(request, response) {
  const basket = basketOf(request);
  if (request.method === 'POST' && request.url.startsWith('/add/')) {
    return redirect(response, shop.add(basket, decodeURIComponent(request.url.slice(5))));
  }
  if (request.method === 'POST' && request.url === '/order') {
    shop.order(basket);
    return redirect(response, {});
  }
  if (request.url === '/health') return response.end('ok\n');
  if (request.url !== '/') {
    response.statusCode = 404;
    return response.end('not found\n');
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  return response.end(page(basket));
}

const server = http.createServer(handle);
if (require.main === module || process.env.pm_id !== undefined) {
  server.listen(settings.port, '127.0.0.1', () => console.log(`${settings.name} listens on ${settings.port}`));
}

module.exports = server;

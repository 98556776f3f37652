'use strict';

const crypto = require('node:crypto');
const http = require('node:http');

/** "2d6+1" -> the sum of two dice and one; null when that is no roll. */
function roll(text) {
  const found = /^(\d{1,2})d(\d{1,3})([+-]\d{1,3})?$/.exec(text.trim());
  if (!found || Number(found[2]) < 1) return null;
  let sum = Number(found[3] || 0);
  for (let i = 0; i < Number(found[1]); i++) sum += crypto.randomInt(1, Number(found[2]) + 1);
  return sum;
}

function handle(request, response) {
  let body = '';
  request.on('data', (chunk) => { body += chunk.slice(0, 4096); });
  request.on('end', () => {
    const form = new URLSearchParams(body);
    if (form.get('token') !== process.env.CHAT_TOKEN) {
      response.statusCode = 403;
      return response.end();
    }
    const sum = roll(form.get('text') || '');
    response.setHeader('Content-Type', 'application/json');
    return response.end(JSON.stringify({ text: sum === null ? 'try /roll 2d6' : String(sum) }));
  });
}

if (process.argv[2] === '--check') {
  process.exit(roll('3d1+2') === 5 && roll('nonsense') === null ? 0 : 1);
}
http.createServer(handle).listen(process.env.PORT || 5000);

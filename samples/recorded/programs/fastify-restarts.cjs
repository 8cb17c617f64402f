// starts, finds no cache (an error, caught), serves, is told to stop: a rollout, or a developer
const net = require('node:net');
const app = require('fastify')({ logger: true });
app.get('/health', async () => ({ ok: true }));
(async () => {
  await app.listen({ port: 3996 });
  await new Promise((ok) => net.connect(5, '127.0.0.1').on('error', (err) => { app.log.error({ err }, 'no cache, going on without'); ok(); }));
  for (let i = 0; i < 5; i++) await fetch('http://127.0.0.1:3996/health').then((r) => r.text());
  await app.close();
})();

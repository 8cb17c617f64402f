// an application whose handler for failed log shipping logs the failure, to the same transports
const winston = require('winston');
const http = new winston.transports.Http({ host: '127.0.0.1', port: 5, path: '/ingest' });
const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Console(), http],
});
http.on('warn', (err) => logger.error('Log shipping failed', { code: err.code, reason: err.message }));
let n = 0;
const timer = setInterval(() => { logger.info('job done', { job: ++n }); if (n === 8) { clearInterval(timer); setTimeout(() => process.exit(0), 150); } }, 120);

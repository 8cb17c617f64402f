// a shipper that logs what it could not ship, with the payload
const winston = require('winston');
const { PassThrough } = require('node:stream');
const logger = winston.createLogger({ format: winston.format.combine(winston.format.timestamp(), winston.format.json()), transports: [new winston.transports.Console()] });
const tap = new PassThrough();
logger.add(new winston.transports.Stream({ stream: tap }));
tap.on('data', (line) => {
  fetch('http://127.0.0.1:5/ingest', { method: 'POST', body: line }).catch((err) => logger.error('Could not ship a log line', { code: err.cause?.code ?? 'UND', payload: String(line).trim() }));
});
logger.info('job done', { job: 1 });
setTimeout(() => process.exit(0), 400);

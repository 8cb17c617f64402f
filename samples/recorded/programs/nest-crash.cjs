require('reflect-metadata');
const net = require('node:net');
const { NestFactory } = require('@nestjs/core');
const { Module, Injectable } = require('@nestjs/common');
class Db { async onModuleInit() { await new Promise((ok, no) => net.connect(5, '127.0.0.1', ok).on('error', no)); } }
Injectable()(Db);
class AppModule {}
Module({ providers: [Db] })(AppModule);
(async () => { const app = await NestFactory.create(AppModule); await app.listen(3997); })();

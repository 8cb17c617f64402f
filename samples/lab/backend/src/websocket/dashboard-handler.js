import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { config } from '../config.js';
import { forLog } from '../lib/normalise-error.js';

const INTERNAL_ERROR = 1011;

export class DashboardHandler {
  constructor({ log, auth, agentService, throttle }) {
    this.log = log;
    this.auth = auth;
    this.agentService = agentService;
    this.throttle = throttle;
  }

  handleConnection(socket, request) {
    const connection = { id: randomUUID(), socket, token: request.query.token, userId: null, openedAt: Date.now() };
    this.log.info({ connectionId: connection.id }, 'Dashboard connection opened');
    socket.on('message', (data) => this.handleMessage(connection, data));
    socket.on('close', (closeCode) => {
      this.auth.release(connection.id);
      const openMs = Date.now() - connection.openedAt;
      this.log.info({ connectionId: connection.id, closeCode, openMs }, 'Dashboard connection closed');
    });
  }

  async handleMessage(connection, data) {
    let type = null;
    try {
      ({ type } = JSON.parse(data));
      if (type === 'DASHBOARD_INIT') await this.handleDashboardInit(connection);
    } catch (error) {
      this.log.error({ connectionId: connection.id, type, error: forLog(error) }, 'Error handling dashboard message');
    }
  }

  async handleDashboardInit(connection) {
    try {
      const { userId } = await this.auth.validateToken(connection.token, connection.id);
      connection.userId = userId;
      if (this.throttle) await this.#waitOurTurn(connection);
      await this.sendInitialData(connection);
      this.throttle?.succeeded(userId);
      this.log.info({ userId, connectionId: connection.id }, 'Dashboard authenticated and connected');
      if (config.liveUpdates) this.#followLiveUpdates(connection);
    } catch (error) {
      if (connection.userId) this.throttle?.failed(connection.userId);
      this.log.error({ connectionId: connection.id, error: forLog(error) }, 'Failed to initialize dashboard');
      this.#send(connection, { type: 'INIT_FAILED' });
      if (config.closeOnInitFailure) connection.socket.close(INTERNAL_ERROR, 'INIT_FAILED');
      throw error;
    }
  }

  async sendInitialData(connection) {
    const agents = await this.agentService.listAgents({ user_id: connection.userId });
    const summaries = agents.map((agent) => ({
      ...agent,
      commandCount: agent.capabilities.commands.length,
    }));
    if (config.logInitialData) {
      this.log.info({ connectionId: connection.id, agents: summaries }, 'Sending initial data');
    }
    this.#send(connection, { type: 'INIT_OK', agents: summaries });
  }

  async #followLiveUpdates(connection) {
    const { id: connectionId, userId } = connection;
    try {
      await this.agentService.subscribe({ user_id: userId });
    } catch (err) {
      this.log.error({ userId, connectionId, err: forLog(err) }, 'Live updates lost, closing dashboard');
      connection.socket.close(INTERNAL_ERROR, 'LIVE_UPDATES_LOST');
    }
  }

  async #waitOurTurn(connection) {
    const waitMs = this.throttle.waitFor(connection.userId);
    if (!waitMs) return;
    this.log.info({ userId: connection.userId, connectionId: connection.id, waitMs }, 'Dashboard init throttled');
    await sleep(waitMs);
  }

  #send(connection, message) {
    connection.socket.send(JSON.stringify(message));
  }
}

import { createClient } from '@supabase/supabase-js';
import ws from 'ws';
import { config } from '../config.js';

const options = {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  realtime: { transport: ws }, // Node 20 has no WebSocket of its own
};

export const upstreamLog = { log: null };

/** Passes every answer through; says so when the other side asks us to slow down. */
async function fetchAndNoteLimits(input, init) {
  const response = await fetch(input, init);
  if (response.status === 429) {
    const { pathname } = new URL(input);
    const retryAfter = response.headers.get('retry-after');
    upstreamLog.log?.warn({ path: pathname, statusCode: 429, retryAfter }, 'Upstream rate limited');
  }
  return response;
}

export const supabaseAuth = createClient(config.supabaseAuthUrl, config.supabaseServiceKey, {
  ...options,
  global: { fetch: fetchAndNoteLimits },
});
export const supabaseData = createClient(config.supabaseUrl, config.supabaseServiceKey, options);

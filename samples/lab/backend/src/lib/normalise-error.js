import { config } from '../config.js';

/** Any thrown value as a real Error, whose causes are real Errors too. */
export function normaliseError(value) {
  if (value instanceof Error) {
    if (value.cause !== undefined) {
      Object.defineProperty(value, 'cause', { value: normaliseError(value.cause), configurable: true });
    }
    return value;
  }
  if (value !== null && typeof value === 'object' && typeof value.message === 'string') {
    const { message, details, code, hint } = value;
    const error = new Error(details && !details.startsWith(message) ? `${message} (${details})` : message);
    error.name = 'PostgrestError';
    error.code = code;
    error.hint = hint;
    // postgrest-js puts the stack and the socket error of a failed fetch into `details`.
    error.stack = details?.startsWith(message) ? details : `${error.name}${code ? ` [${code}]` : ''}: ${error.message}`;
    return error;
  }
  return new Error(String(value));
}

/** What the catch blocks log: the value as caught, or normalised where that fix is switched on. */
export const forLog = (value) => (config.normaliseErrors ? normaliseError(value) : value);

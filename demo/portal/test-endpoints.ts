// The control over HTTP, below /__test/, for tests in another process. Web pages cannot use it.

import type { PortalControl } from './control.js';
import { InvalidFault } from './fault.js';
import { json, type PortalResponse } from './http/response.js';
import type { PortalRequest } from './http/request.js';
import type { RequestLog } from './request-log.js';
import { serverNames, type ServerName, type Switches } from './switches.js';

export const testPrefix = '/__test/';

interface TestParts {
  readonly control: PortalControl;
  readonly log: RequestLog;
  readonly addRedirectUri: (uri: string, clientId?: string) => void;
  /** The only host and port at which the endpoints work. */
  readonly host: string;
}

type Arguments = Readonly<Record<string, unknown>>;
type Endpoint = (parts: TestParts, args: Arguments) => unknown;

class BadArgument extends Error {}

export class TestEndpoints {
  readonly #parts: TestParts;
  readonly #undos = new Map<string, () => void>();
  #nextId = 1;

  constructor(parts: TestParts) {
    this.#parts = parts;
  }

  handle(request: PortalRequest): PortalResponse {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) return { ...json(request, { error: refusal }, 403), cors: false };
    const name = request.path.slice(testPrefix.length);
    const endpoint = this.#endpoints.get(`${request.method} ${name}`);
    if (!endpoint) return { ...json(request, { error: 'No such endpoint.' }, 404), cors: false };
    try {
      return {
        ...json(request, endpoint(this.#parts, parseArguments(request)) ?? { ok: true }),
        cors: false,
      };
    } catch (error) {
      if (!(error instanceof BadArgument)) throw error;
      return { ...json(request, { error: error.message }, 400), cors: false };
    }
  }

  /** Web pages always send one of these headers. After DNS rebinding, `Host` has another name. */
  #refusalOf({ headers }: PortalRequest): string | undefined {
    if (headers['origin'] !== undefined) return 'Requests with an Origin header are refused.';
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'none') return 'Requests made by web pages are refused.';
    if (headers['host'] !== this.#parts.host) return 'Wrong host name.';
    return undefined;
  }

  #keep(undo: () => void): { id: string } {
    const id = String(this.#nextId++);
    this.#undos.set(id, undo);
    return { id };
  }

  #undo(id: string): { ok: boolean } {
    const undo = this.#undos.get(id);
    this.#undos.delete(id);
    undo?.();
    return { ok: undo !== undefined };
  }

  readonly #endpoints = new Map<string, Endpoint>([
    ['GET switches', ({ control }) => control.switches],
    ['POST switches', ({ control }, args) => control.set(switchesFrom(args, control.switches))],
    ['GET tokens', ({ control }) => ({ tokens: control.tokens() })],
    ['GET log', ({ log }) => ({ entries: log.entries })],
    ['POST log/clear', ({ log }) => log.clear()],
    ['POST leaks', ({ log }, args) => ({ labels: log.leaks(text(args, 'text')) })],
    ['POST expire', ({ control }, args) => ({ count: control.expireAccessTokens(args) })],
    ['POST expire-refresh', ({ control }, args) => ({ count: control.expireRefreshTokens(args) })],
    ['POST revoke', ({ control }, args) => ({ count: control.revokeAccessTokens(args) })],
    ['POST revoke-refresh', ({ control }, args) => ({ count: control.revokeRefreshTokens(args) })],
    ['POST end-sessions', ({ control }, args) => ({ count: control.endSessions(args) })],
    [
      'POST redirect-uri',
      ({ addRedirectUri }, args) =>
        addRedirectUri(
          text(args, 'uri'),
          typeof args['clientId'] === 'string' ? args['clientId'] : undefined,
        ),
    ],
    ['POST fault', ({ control }, args) => this.#keep(faultFrom(control, args))],
    ['POST close-port', ({ control }, args) => this.#keep(control.closePort(otherPort(args)))],
    [
      'POST hold',
      ({ control }, args) => {
        const hold = control.hold(text(args, 'path'), args);
        return this.#keep(() => hold.release());
      },
    ],
    ['POST undo', (_parts, args) => this.#undo(text(args, 'id'))],
    [
      'POST reset',
      ({ control }) => {
        this.#undos.clear();
        control.reset();
      },
    ],
  ]);
}

function parseArguments({ body }: PortalRequest): Arguments {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not JSON: reported below, like any other body that is not an object.
  }
  throw new BadArgument('The body must be a JSON object.');
}

function text(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new BadArgument(`"${name}" must be a string.`);
  return value;
}

function faultFrom(control: PortalControl, { path, ...fault }: Arguments): () => void {
  if (typeof path !== 'string') throw new BadArgument('"path" must be a string.');
  try {
    return control.fault(path, fault);
  } catch (error) {
    throw error instanceof InvalidFault ? new BadArgument(error.message) : error;
  }
}

/** A server at another port than these endpoints, which could not open their own again. */
function otherPort(args: Arguments): ServerName {
  const others = serverNames.filter((name) => !['portal', 'hosted', 'alone'].includes(name));
  const found = others.find((name) => name === args['server']);
  if (!found) throw new BadArgument(`"server" must be one of ${others.join(', ')}.`);
  return found;
}

/** Accepts known switches with values of the same kind as now. */
function switchesFrom(args: Arguments, current: Switches): Partial<Switches> {
  for (const [name, value] of Object.entries(args)) {
    const known = new Map<string, unknown>(Object.entries(current)).get(name);
    if (known === undefined) throw new BadArgument(`There is no switch "${name}".`);
    const isSameKind = typeof value === typeof known && Array.isArray(value) === Array.isArray(known);
    if (known !== null && value !== null && !isSameKind) {
      throw new BadArgument(`The switch "${name}" takes another kind of value.`);
    }
  }
  return args;
}

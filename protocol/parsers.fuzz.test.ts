/** What other pages, workers, servers and portals send, as far as page and worker read it by the same code. */
import { isAreaRecord, parseAreaCommand, type AreaCommand, type AreaRecord } from './areas.js';
import { readAuthorizationResponse } from './authorization-response.js';
import { cleanPage, hasAuthorizationResponse, readOutcome } from './callback-outcome.js';
import { plainUrl } from './client-info.js';
import { parseEditsCall } from './edits.js';
import { errorCodes, fromWireError, IdentityError, toWireError } from './errors.js';
import { fuzz, SECRET } from './fuzz.test-support.js';
import {
  parseCallbackRelay,
  parsePageMessage,
  parsePortReady,
  parseWorkerMessage,
  PROTOCOL_VERSION as version,
  type WorkerMessage,
} from './messages.js';
import { normalizePortalUrl } from './portal-root.js';
import { isRecord } from './record.js';
import { redactError } from './redact-error.js';
import { redactMethod, redactUrl } from './redact-url.js';
import { parseClientId, parsePortalUrl, parseRedirectUri } from './registration.js';
import { parseTraced } from './traced-request.js';
import { readRegistration, writeRegistration } from './worker-url.js';

const areTexts = (value: unknown, ...names: string[]): boolean =>
  isRecord(value) && names.every((name) => typeof value[name] === 'string');

/** A message that is admitted has what its type says; what is not is `undefined`. */
const admitted =
  (...names: string[]) =>
  (output: unknown): boolean =>
    output === undefined || areTexts(output, ...names);

const urls = [
  'https://gis.example.org/portal/sharing/rest',
  'https://org.maps.arcgis.com/home/index.html?x=1#y',
  'http://127.0.0.1:8080/portal/',
  'blob:https://gis.example.org/550e8400-e29b-41d4-a716-446655440000',
  'about:srcdoc',
];

const portal = 'https://gis.example.org/portal';
const challenge = { challengeId: 'a', portal, portalName: 'Portal', authorizationUrl: `${portal}/authorize` };

const area = {
  id: '550e8400-e29b-41d4-a716-446655440000',
  name: 'Village',
  portal,
  bbox: [7, 46, 8, 47],
  layers: [],
  minZoom: 3,
  maxZoom: 9,
  savedAt: 1,
  bytes: 2,
  kept: 3,
  requests: 4,
  isComplete: false,
};

/** What the list of areas shows: texts, and numbers that can be counted with. */
const isArea = (record: AreaRecord): boolean =>
  areTexts(record, 'id', 'name', 'portal') &&
  Number.isFinite(record.bytes + record.kept + record.requests + record.savedAt) &&
  record.bbox.map((degrees) => degrees.toFixed(1)).length === 4;

fuzz([
  {
    name: 'messages of the worker',
    isAny: true,
    valid: [
      {
        type: 'identity:code-required',
        version,
        asked: true,
        outOfBand: false,
        reason: 'expired',
        waitingRequests: 1,
        silentFirst: true,
        ...challenge,
      },
      {
        type: 'identity:challenge-settled',
        version,
        challengeId: 'a',
        portal,
        outcome: 'failed',
        error: { code: 'portal-unreachable', facts: {} },
      },
      { type: 'identity:credential-changed', version, portal, credential: { portal, renewable: true } },
      { type: 'identity:local-network', version, origin: portal },
    ],
    parse: parseWorkerMessage,
    check: (message: WorkerMessage | undefined) =>
      message === undefined ||
      ((message.type === 'identity:local-network'
        ? typeof message.origin === 'string'
        : typeof message.portal === 'string') &&
        (message.type !== 'identity:code-required' ||
          (/^(string|undefined)$/.test(typeof message.reason) &&
            /^(number|undefined)$/.test(typeof message.waitingRequests) &&
            /^(boolean|undefined)$/.test(typeof message.silentFirst))) &&
        (message.type !== 'identity:challenge-settled' || isRecord(message.error ?? {})) &&
        (message.type !== 'identity:credential-changed' || isRecord(message.credential ?? {}))),
  },
  {
    name: 'messages of pages',
    isAny: true,
    valid: ['connect', 'claim', 'ping', 'skip-waiting'].map((type) => ({
      type: `identity:${type}`,
      version,
    })),
    parse: parsePageMessage,
    check: admitted('type'),
  },
  {
    name: 'the message of a callback page',
    isAny: true,
    valid: [
      { type: 'identity:callback-relay', version, response: { state: 's', code: SECRET } },
      { type: 'identity:callback-relay', version, response: { state: 's', error: 'access_denied' } },
      { type: 'identity:callback-relay', version, response: null },
    ],
    parse: parseCallbackRelay,
    check: (output: unknown) =>
      output === undefined ||
      (isRecord(output) && (output['response'] === null || areTexts(output['response'], 'state'))),
  },
  {
    name: 'the first message on a port',
    isAny: true,
    valid: [{ type: 'identity:port-ready', version, lock: 'identity-worker:boot:1' }],
    parse: parsePortReady,
    check: admitted('type', 'lock'),
  },
  {
    name: 'traced requests',
    isAny: true,
    valid: [
      {
        type: 'identity:request-traced',
        version,
        traced: {
          method: 'GET',
          url: portal,
          outcome: 'signed',
          status: 200,
          startedAtMs: 1,
          durationMs: 1,
          workerStartedAtMs: 1,
          isOwn: true,
          steps: [{ step: 'classified', as: 'ok', status: 200, atMs: 1 }],
        },
      },
    ],
    parse: parseTraced,
    check: (output: unknown) =>
      output === undefined ||
      (areTexts(output, 'method', 'url', 'outcome') &&
        isRecord(output) &&
        Number.isFinite(output['durationMs']) &&
        Array.isArray(output['steps']) &&
        output['steps'].every((step) => areTexts(step, 'step'))),
  },
  {
    name: 'calls about edits',
    isAny: true,
    valid: [
      { type: 'identity:edits', version, action: 'discard', id: 'a' },
      { type: 'identity:edits', version, action: 'list' },
    ],
    parse: parseEditsCall,
    check: admitted('type', 'action'),
  },
  {
    name: 'commands about areas',
    isAny: true,
    valid: [
      { type: 'list' },
      { type: 'remove', id: '550e8400-e29b-41d4-a716-446655440000' },
      { type: 'write', record: area, isNew: true },
    ],
    parse: parseAreaCommand,
    check: (command: AreaCommand | undefined) => command?.type !== 'write' || isArea(command.record),
  },
  {
    name: 'stored areas',
    isAny: true,
    valid: [area],
    parse: (value: unknown) => (isAreaRecord(value) ? value : undefined),
    check: (record: AreaRecord | undefined) => record === undefined || isArea(record),
  },
  {
    name: 'errors as values',
    isAny: true,
    valid: [
      { code: 'portal-unreachable', facts: { origin: portal } },
      { code: 'internal-error', facts: { name: 'TypeError' } },
    ],
    parse: (wire: Parameters<typeof fromWireError>[0] | null) => fromWireError(wire ?? ({} as never)),
    check: (output: unknown) => output instanceof IdentityError && errorCodes.includes(output.code),
  },
  {
    name: 'whatever was thrown',
    isAny: true,
    valid: [
      {
        name: 'TypeError',
        message: SECRET,
        stack: `TypeError: ${SECRET}\n    at f (https://a.example/sw.js:1:2)`,
      },
      {
        name: SECRET,
        stack: `@https://a.example/sw.js?code=${SECRET}:1:2\n${SECRET}@https://a.example/x.js:3:4`,
      },
      SECRET,
    ],
    parse: (error: unknown) => [toWireError(error), redactError(error, 'https://a.example/sw.js')],
    check: (output: unknown) => !JSON.stringify(output).includes(SECRET),
  },
  {
    name: 'authorization responses',
    valid: [
      `code=${SECRET}&state=s&iss=${encodeURIComponent(portal)}`,
      'error=access_denied&state=s',
      '?code=1',
    ],
    parse: (query: string) => {
      const parameters = new URLSearchParams(query);
      hasAuthorizationResponse(parameters);
      return readAuthorizationResponse(parameters, `${portal}/signed-in.html`);
    },
    check: admitted('state', 'redirectUri'),
  },
  {
    name: 'outcomes at the callback page',
    valid: ['identity-worker-outcome=signed-in', 'outcome=failed&x=1'],
    parse: (text: string) => [
      readOutcome(new URLSearchParams(text)),
      cleanPage(`${portal}/signed-in.html`, text),
    ],
    check: ([outcome, page]: [unknown, string]) =>
      (outcome === undefined || typeof outcome === 'string') && URL.canParse(page),
  },
  {
    name: 'addresses of clients',
    valid: [...urls, `https://gis.example.org/a?code=${SECRET}#${SECRET}`],
    parse: plainUrl,
    check: (output: string, input: string) => !/[?#]/.test(output) || !URL.canParse(input),
  },
  {
    name: 'addresses of portals',
    valid: urls,
    parse: normalizePortalUrl,
    check: (output: string | undefined) =>
      output === undefined || (URL.canParse(output) && /^https?:\/\/[^?#]*$/.test(output)),
  },
  {
    name: 'redacted addresses',
    valid: [`https://gis.example.org/rest/${SECRET}/x?token=${SECRET}`, ...urls],
    parse: (text: string) => (URL.canParse(text) ? redactUrl(new URL(text)) : redactMethod(text)),
    check: (output: string) => !output.includes(SECRET),
  },
  {
    name: 'URLs of registrations',
    isAny: true,
    valid: [...urls, `https://u:${SECRET}@gis.example.org/`, `https://gis.example.org/?token=${SECRET}`],
    parse: (value: unknown) => parsePortalUrl(value, 'url'),
    errors: [IdentityError],
    check: (url: URL) => url.search === '' && url.password === '' && /^https?:$/.test(url.protocol),
  },
  {
    name: 'redirect URIs and client ids',
    isAny: true,
    valid: ['/signed-in.html', './signed-in.html', 'urn:ietf:wg:oauth:2.0:oob', 'https://app.example/a/b'],
    parse: (value: unknown) => [
      parseRedirectUri(value, 'https://app.example/a/'),
      parseClientId(value, portal),
    ],
    errors: [IdentityError],
    check: ([uri]: [string]) => uri.startsWith('https://app.example/a/') || uri.startsWith('urn:ietf:'),
  },
  {
    name: 'attributes in the URL of the ready worker',
    valid: [
      `portal=${encodeURIComponent(portal)}&client-id=abc&servers=a%20b`,
      'persistence=sealed&callback=worker',
    ],
    parse: (query: string) => readRegistration(new URLSearchParams(query)),
    check: (output: Record<string, string>) => {
      const written = new URLSearchParams(writeRegistration({ get: (name) => output[name] ?? null }));
      return Object.entries(output).every(
        ([name, value]) => written.get(name) === new URLSearchParams([['', value]]).get(''),
      );
    },
  },
]);

/** The error catalogue: classes, messages, and the way of an error over the wire. */
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  ChallengeError,
  ConfigurationError,
  ConnectionError,
  errorCodes,
  fromWireError,
  IdentityError,
  identityError,
  isIdentityError,
  lacksMessage,
  addErrorMessages,
  PortalError,
  toWireError,
  type ErrorCode,
} from './errors.js';
import { errorMessages } from './error-messages.js';

/** Every code and who must act; a code that is renamed or moved breaks its users. */
const classOf = {
  'portal-url-invalid': ConfigurationError,
  'portal-insecure': ConfigurationError,
  'client-id-missing': ConfigurationError,
  'redirect-uri-invalid': ConfigurationError,
  'redirect-uri-outside-scope': ConfigurationError,
  'option-invalid': ConfigurationError,
  'injected-keys-missing': ConfigurationError,
  'part-missing': ConfigurationError,
  'registrations-overlap': ConfigurationError,
  'portal-not-registered': ConfigurationError,
  'portal-ambiguous': ConfigurationError,
  'storage-partitioned': ConfigurationError,
  'callback-page-missing': ConfigurationError,
  'sign-out-unsupported': ConfigurationError,
  'service-worker-unsupported': ConfigurationError,
  'context-insecure': ConfigurationError,
  'worker-missing': ConfigurationError,
  'worker-script-missing': ConfigurationError,
  'worker-script-redirected': ConfigurationError,
  'worker-script-forbidden': ConfigurationError,
  'worker-script-unavailable': ConfigurationError,
  'worker-script-refused': ConfigurationError,
  'worker-script-wrong-type': ConfigurationError,
  'worker-scope-refused': ConfigurationError,
  'worker-scope-mismatch': ConfigurationError,
  'worker-scope-shared': ConfigurationError,
  'worker-blocked': ConfigurationError,
  'worker-script-failed': ConfigurationError,
  'embedder-policy-missing': ConfigurationError,
  'client-chunk-missing': ConfigurationError,
  'layer-unsupported': ConfigurationError,
  'worker-unreachable': ConnectionError,
  'worker-restarted': ConnectionError,
  'page-uncontrolled': ConnectionError,
  'protocol-mismatch': ConnectionError,
  'storage-unavailable': ConnectionError,
  'storage-rebuilt': ConnectionError,
  'edit-not-kept': ConnectionError,
  'quota-insufficient': ConnectionError,
  'area-lost': ConnectionError,
  'cache-unavailable': ConnectionError,
  'internal-error': ConnectionError,
  'authorization-url-unknown': ChallengeError,
  'response-misplaced': ChallengeError,
  'code-missing': ChallengeError,
  'code-reused': ChallengeError,
  'code-refused': ChallengeError,
  'access-denied': ChallengeError,
  'challenge-cancelled': ChallengeError,
  'login-required': ChallengeError,
  'sign-in-interrupted': ChallengeError,
  'sign-in-required': ChallengeError,
  'edit-waits-for-sign-in': ChallengeError,
  'edit-of-other-user': ChallengeError,
  'issuer-mismatch': ChallengeError,
  'authorization-failed': PortalError,
  'portal-unreachable': PortalError,
  'local-network-blocked': PortalError,
  'edit-delayed': PortalError,
  'edit-refused': PortalError,
  'edit-partly-refused': PortalError,
  'edit-service-gone': PortalError,
  'edit-unconfirmed': PortalError,
  'answer-unusable': PortalError,
  'save-interrupted': PortalError,
  'metadata-missing': PortalError,
  'metadata-unreadable': PortalError,
  'metadata-issuer-differs': PortalError,
  'metadata-invalid': PortalError,
  'pkce-unsupported': PortalError,
  'par-endpoint-missing': PortalError,
  'par-unreadable': PortalError,
  'par-refused': PortalError,
  'dpop-required': PortalError,
  'dpop-unsupported': PortalError,
  'dpop-refused': PortalError,
} satisfies Record<ErrorCode, typeof IdentityError>;

const codes = Object.keys(classOf) as ErrorCode[];

test('before the messages are loaded, code and facts are the message', async () => {
  // Another test file may have loaded them into the module that all share.
  vi.resetModules();
  const fresh = await import('./errors.js');
  expect(fresh.identityError('portal-unreachable').message).toBe('portal-unreachable');
  const error = fresh.identityError('worker-script-missing', { path: '/worker.js', status: 404 });
  expect(error.message).toBe('worker-script-missing (path: /worker.js) (status: 404)');
  expect(fresh.lacksMessage(error)).toBe(true);
});

test('every code is in this list', () => {
  expect(codes.toSorted()).toEqual(errorCodes.toSorted());
});

const allFacts = {
  origin: 'https://gis.example.org',
  field: 'url',
  path: '/worker.js',
  scope: '/app/',
  oauthError: 'invalid_grant',
  status: 404,
  count: 2,
  mimeType: 'text/html',
  name: 'TypeError',
  stack: 'attachToken (worker.js:1:2345)',
  pageVersion: 1,
  workerVersion: 2,
};

test('issuers that differ are both named, and a placeholder is explained', () => {
  addErrorMessages(errorMessages);
  const issuer = 'https://login.microsoftonline.com/common/v2.0';
  const messageOf = (found?: string): string =>
    identityError('metadata-issuer-differs', { issuer, ...(found !== undefined && { found }) }).message;
  const template = 'https://login.microsoftonline.com/{tenantid}/v2.0';
  expect(messageOf(template)).toContain(`${issuer} calls itself ${template}`);
  expect(messageOf(template)).toContain('many tenants');
  expect(messageOf('https://other.example')).toContain(`${issuer} calls itself https://other.example`);
  expect(messageOf('https://other.example')).not.toContain('tenant');
  expect(messageOf()).toContain(`${issuer} calls itself nothing`);
});

describe.each(codes)('%s', (code) => {
  beforeAll(() => addErrorMessages(errorMessages));

  test('has the class of who must act, and its name', () => {
    const error = identityError(code);
    expect(error).toBeInstanceOf(classOf[code]);
    expect(error).toBeInstanceOf(IdentityError);
    expect(error.name).toBe(classOf[code].name);
    expect(error.code).toBe(code);
  });

  test('says something whole with all facts', () => {
    const { message } = identityError(code, allFacts);
    expect(message).toMatch(/^\S.+[.]$/);
    expect(message).not.toMatch(/undefined|null|NaN/);
    expect(lacksMessage(identityError(code, allFacts))).toBe(false);
  });

  test('keeps class, code, facts and text over a structured clone', () => {
    const sent = identityError(code, allFacts);
    const received = fromWireError(structuredClone(toWireError(sent)));
    expect(received).toBeInstanceOf(classOf[code]);
    expect(received).toMatchObject({ code, facts: allFacts, message: sent.message });
  });
});

test.each(codes)('%s reads well without facts', (code) => {
  expect(identityError(code).message).not.toMatch(/undefined|null/);
});

describe('what is not ours on the wire', () => {
  test.each(['from-a-newer-worker', 'constructor', '__proto__', 'toString', ''])(
    'the code %j becomes internal-error',
    (code) => {
      const error = fromWireError({ code: code as ErrorCode, facts: { origin: 'https://gis.example.org' } });
      expect(error).toMatchObject({ code: 'internal-error', facts: {} });
    },
  );

  test.each([
    ['an Error', new TypeError('Failed to fetch https://gis.example.org/?token=secret'), 'TypeError'],
    ['a string', 'token=secret', 'string'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'object'],
    ['a DOMException, whose code is a number', new DOMException('secret', 'AbortError'), 'AbortError'],
    [
      'a system error with a code of its own',
      Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }),
      'Error',
    ],
  ])('%s thrown in the worker loses its text and keeps its name', (_, thrown, name) => {
    const wire = toWireError(thrown);
    expect(wire).toMatchObject({ code: 'internal-error', facts: { name } });
    expect(JSON.stringify(wire)).not.toMatch(/secret|https:/);
  });

  test('the stack of an error stays behind', () => {
    expect(Object.keys(toWireError(identityError('code-missing'))).toSorted()).toEqual(['code', 'facts']);
  });
});

describe('isIdentityError', () => {
  test.each([
    ['our own', identityError('code-reused')],
    [
      'one of a second copy of the bundle',
      Object.assign(new Error('x'), { name: 'ChallengeError', code: 'code-reused', facts: {} }),
    ],
    [
      'one of another realm',
      runInNewContext(`Object.assign(new Error('x'), { code: 'code-reused', facts: {} })`),
    ],
  ])('recognises %s', (_, error) => {
    expect(isIdentityError(error)).toBe(true);
  });

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['a code alone', 'code-reused'],
    ['no code', new Error('code-reused')],
    ['a numeric code', { code: 498 }],
    ['an unknown code', { code: 'ENOENT' }],
    ['a word that every object has', { code: 'constructor' }],
    ['the word __proto__', { code: '__proto__' }],
  ])('refuses %s', (_, error) => {
    expect(isIdentityError(error)).toBe(false);
  });
});

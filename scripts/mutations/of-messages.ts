/** Defences of what page and worker say to each other: calls, messages, the activity channel. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const withoutGate: Edit = {
  file: 'sw/rpc/port-gate.ts',
  from: 'if (isCalled || !isPlainCall((event as MessageEvent<unknown>).data, methods)) return;',
  to: 'if (isCalled) return;',
};

const anyArgument: Edit = {
  file: 'sw/rpc/port-gate.ts',
  from: "return argumentList.every((argument) => isRecord(argument) && argument['type'] === 'RAW');",
  to: 'return true;',
};

/** What pages are told of a credential is all of it. */
const tellsCredential: Edit = {
  file: 'sw/tokens/token-lifetime.ts',
  from: '    renewable: refreshToken !== undefined,\n',
  to: '    renewable: refreshToken !== undefined, ...credential,\n',
};

const anyMayRedeem: Edit = {
  file: 'sw/sign-in/redeem-code.ts',
  from: "if (!(await this.records.replace(record, redeeming))) throw new IdentityError('code-reused');",
  to: 'await this.records.replace(record, redeeming);',
};

const whateverPhase: Edit = {
  file: 'sw/sign-in/redeem-code.ts',
  from: "    if (record.phase !== 'open') return this.#repeat(record, portal, callId);\n",
  to: '',
};

const sentOnce = attacks('messages', 'a code submitted by ten pages at once, and again later, is sent once');

const tracesHoldNone = attacks('tracing', 'traces hold no token, wherever a page or a server has put it');

export const ofMessages: readonly Mutation[] = [
  {
    rule: 'S8',
    without: 'the gate that lets nothing but plain calls through',
    edits: [withoutGate],
    tests: [
      attacks(
        'messages',
        'reading a property of the worker’s object gives no token away',
        'running code in the worker by its own Function',
        'asking for a second endpoint beside the gate',
        'calling a longer path',
      ),
    ],
  },
  {
    rule: 'S8',
    without: 'the limit of one call for a port',
    edits: [{ file: 'sw/rpc/port-gate.ts', from: 'if (isCalled || !', to: 'if (!' }],
    tests: [attacks('messages', 'sending more calls behind a first one')],
  },
  {
    rule: 'S8',
    without: 'the gate, for messages that overwrite a method',
    edits: [withoutGate],
    tests: [attacks('messages', 'overwriting a method does not cut off other pages')],
    survives: 'Each call has an object of methods of its own: what a page overwrites there is its own call.',
  },
  {
    rule: 'S8',
    without: 'the gate, with one object of methods for all pages',
    edits: [
      withoutGate,
      {
        file: 'sw/rpc/message-handler.ts',
        from: 'if (port) event.waitUntil(answerCall(port, apiOf(id, waitUntilOf(event), refusal)));',
        to: 'if (port) event.waitUntil(answerCall(port, (shared ??= apiOf(id, waitUntilOf(event), refusal))));',
      },
      {
        file: 'sw/rpc/message-handler.ts',
        from: 'let bootLockHeld: Promise<void> | undefined;',
        to: 'let bootLockHeld: Promise<void> | undefined;\nlet shared: WorkerApi | undefined;',
      },
    ],
    tests: [attacks('messages', 'overwriting a method does not cut off other pages')],
  },
  {
    rule: 'S8',
    without: 'the demand that arguments are plain values',
    edits: [anyArgument],
    tests: [attacks('messages', 'a port in an argument does not let the worker call the attacker')],
    survives:
      'Each method checks its arguments: what is no text is not used, so nothing of the port is called.',
  },
  {
    rule: 'S8',
    without: 'the demand that arguments are plain values, and the check that they are texts',
    edits: [
      anyArgument,
      {
        file: 'sw/worker-api.ts',
        from: "if (typeof value === 'string' && value.length <= MAX_TEXT) return value;",
        to: 'if (value !== undefined) return value as string;',
      },
    ],
    tests: [attacks('messages', 'a port in an argument does not let the worker call the attacker')],
  },
  {
    rule: 'S1',
    without: 'the choice of what a page may know of a credential',
    edits: [tellsCredential],
    tests: [
      attacks(
        'messages',
        'no call has a secret in its result',
        'two thousand random messages give no token away',
      ),
    ],
  },
  {
    rule: 'S8',
    without: 'a task of its own for each call: one after the other is answered',
    edits: [
      {
        file: 'sw/rpc/message-handler.ts',
        from: 'async function answerCall(port: MessagePort, api: WorkerApi): Promise<void> {',
        to: `let queue: Promise<unknown> = Promise.resolve();
function answerCall(port: MessagePort, api: WorkerApi): Promise<unknown> {
  return (queue = queue.then(() => answerNext(port, api)));
}
async function answerNext(port: MessagePort, api: WorkerApi): Promise<void> {`,
      },
    ],
    tests: [attacks('messages', 'a thousand calls that are opened and never made do not block others')],
  },
  {
    rule: 'S7',
    without: 'the write that lets one of several calls redeem a code',
    edits: [anyMayRedeem],
    tests: [sentOnce],
    survives: 'The others find the challenge being redeemed, and without its code verifier.',
  },
  {
    rule: 'S7',
    without: 'the look at whether a challenge is still open',
    edits: [whateverPhase],
    tests: [sentOnce],
    survives: 'What is redeemed has lost its code verifier, and the store lets one of several calls through.',
  },
  {
    rule: 'S7',
    without: 'both, and with a code verifier that is kept',
    edits: [
      anyMayRedeem,
      whateverPhase,
      {
        file: 'sw/sign-in/redeem-code.ts',
        from: "{ ...withoutVerifier, phase: 'redeeming', callId };",
        to: "{ ...withoutVerifier, ...record, phase: 'redeeming', callId };",
      },
    ],
    tests: [sentOnce],
  },
  {
    rule: 'S8',
    without: 'the limit on the length of texts',
    edits: [{ file: 'sw/worker-api.ts', from: ' && value.length <= MAX_TEXT', to: '' }],
    tests: [attacks('messages', 'a code of ten megabytes is not sent')],
  },
  {
    rule: 'S1',
    without: 'the redaction of the activity channel',
    edits: [{ file: 'sw/parts/activity.ts', from: 'url: redactUrl(url),', to: 'url: url.href,' }],
    tests: [attacks('messages', 'the activity channel holds no token')],
  },
  {
    rule: 'S1',
    without: 'the redaction of traces: the query stays',
    edits: [{ file: 'sw/parts/tracing.ts', from: 'url: redactUrl(this.#url),', to: 'url: this.#url.href,' }],
    tests: [tracesHoldNone],
  },
  {
    rule: 'S1',
    without: 'the redaction of paths in traces',
    edits: [
      {
        file: 'protocol/redact-url.ts',
        from: "return isHidden ? (isId ? segment.slice(0, 4) : '') + GAP : segment;",
        to: 'return segment;',
      },
    ],
    tests: [tracesHoldNone],
  },
  {
    rule: 'S1',
    without: 'the redaction of methods in traces',
    edits: [
      {
        file: 'sw/parts/tracing.ts',
        from: 'method: redactMethod(this.#request.method),',
        to: 'method: this.#request.method,',
      },
    ],
    tests: [tracesHoldNone],
  },
  {
    rule: 'S8',
    without: 'the choice of the pages that are told of requests',
    edits: [
      {
        file: 'sw/parts/tracing.ts',
        from: '      if (!gone.delete(page.id)) continue;\n',
        to: '      gone.delete(page.id);\n',
      },
    ],
    tests: [
      attacks('tracing', 'a page of the origin is told nothing of requests in the name of another page'),
    ],
  },
  {
    rule: 'S1',
    without: 'silence towards messages that are no calls, and towards pages about tokens',
    edits: [
      tellsCredential,
      {
        file: 'sw/rpc/message-handler.ts',
        from: '  if (!message || !isOwnPage(event.source)) return;\n',
        to: `  if (!isOwnPage(event.source)) return;
  if (!message) {
    const { source } = event;
    void apiOf(source.id, waitUntilOf(event), undefined).state().then((state) => source.postMessage(state));
    return;
  }
`,
      },
    ],
    tests: [attacks('messages', 'asking the worker for the token gives none')],
  },
  {
    rule: 'S6',
    without: 'the rule that no message of a page says what is signed',
    edits: [
      {
        file: 'sw/identity-worker.ts',
        from: "    self.addEventListener('message', (event) =>\n",
        to: `    self.addEventListener('message', ({ data }) => {
      for (const origin of data?.configuration?.resources ?? [])
        services.portalIndex.add(new URL(origin), { portal: services.portalIndex.portals[0]!, serverRoot: undefined });
    });
    self.addEventListener('message', (event) =>
`,
      },
    ],
    tests: [attacks('configuration', 'a page’s message cannot make another server the portal’s own')],
  },
  {
    rule: 'S8',
    without: 'the page’s silence towards other windows, and towards pages about tokens',
    edits: [
      tellsCredential,
      {
        file: 'client/identity-manager.ts',
        from: 'export class IdentityManager',
        to: `addEventListener('message', ({ data, ports }) => {
  navigator.serviceWorker.controller?.postMessage(data, [...ports]);
});
export class IdentityManager`,
      },
    ],
    tests: [
      attacks(
        'configuration',
        'a page of another origin that holds the app’s window cannot sendMessages to its worker',
      ),
    ],
  },
];

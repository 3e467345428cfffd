/** Lets through only the Comlink messages we mean to answer: one call of a listed method with plain arguments. */
import type { Endpoint } from 'comlink';
import { isRecord } from '../../protocol/record.js';

/** Comlink's wire words (comlink/src/protocol.ts). Everything but a call is a way to reach into the worker. */
interface PlainCall {
  readonly id: string;
  readonly type: 'APPLY';
  readonly path: readonly [string];
  readonly argumentList: readonly { readonly type: 'RAW'; readonly value: unknown }[];
}

/** Arguments of one call are small; a flood is not worth parsing. */
const MAX_ARGUMENTS = 4;

/** Whether a message is a call of one of the methods with plain arguments. Own properties only: prototypes prove nothing. */
export function isPlainCall(data: unknown, methods: readonly string[]): data is PlainCall {
  if (!isRecord(data) || typeof data['id'] !== 'string' || data['type'] !== 'APPLY') return false;
  const { path, argumentList } = data;
  if (!Array.isArray(path) || path.length !== 1 || !methods.includes(path[0] as string)) return false;
  if (!Array.isArray(argumentList) || argumentList.length > MAX_ARGUMENTS) return false;
  return argumentList.every((argument) => isRecord(argument) && argument['type'] === 'RAW');
}

/**
 * Wraps the port of one call. Comlink exposed raw would answer SET and CONSTRUCT on any path, which hands the page the
 * worker's own `Function`.
 *
 * @param port - As transferred by the page.
 * @param methods - Names that may be called.
 * @returns The endpoint for `Comlink.expose`, and a promise that settles when the call has been answered.
 */
export function gate(
  port: MessagePort,
  methods: readonly string[],
): { endpoint: Endpoint; answered: Promise<void> } {
  let settle: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let isCalled = false;
  const endpoint: Endpoint = {
    postMessage: (message, transfer) => {
      port.postMessage(message, transfer ?? []);
      settle();
    },
    addEventListener: (type, listener) =>
      port.addEventListener(type, (event) => {
        // One call a port; anything else gets no answer: a probe learns nothing.
        if (isCalled || !isPlainCall((event as MessageEvent<unknown>).data, methods)) return;
        isCalled = true;
        (listener as EventListener)(event);
      }),
    // Asked for by messages that do not pass.
    removeEventListener: () => undefined,
    start: () => port.start(),
  };
  return { endpoint, answered };
}

/** Tells pages what was done to each request, redacted, for a panel that shows it. Costs a message a request. */
import { ACTIVITY_CHANNEL, type Activity } from '../../protocol/messages.js';
import { redactMethod, redactUrl } from '../../protocol/redact-url.js';
import type { WorkerPart } from '../worker-part.js';

/** The part. Carried where the option `activity` asks for it. */
export function activity(): WorkerPart {
  const channel = new BroadcastChannel(ACTIVITY_CHANNEL);
  return {
    name: 'activity',
    report: ({ request, url, outcome, startedAtMs, trace, status }) => {
      const { refreshed, waited } = trace;
      channel.postMessage({
        method: redactMethod(request.method),
        url: redactUrl(url),
        outcome,
        refreshed,
        waited,
        status,
        durationMs: performance.now() - startedAtMs,
      } satisfies Activity);
    },
  };
}

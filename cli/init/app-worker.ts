/** Adds the registration to a worker of the app's own, and has its navigation fallback leave the callback page alone. */
import { valueOf } from './json.js';
import type { Module } from './module.js';
import type { Plan } from './plan.js';
import { CALLBACK_PAGE, registrar } from './registration.js';
import { insertItem } from './source.js';

const LIBRARY = 'identity-worker/sw';

export function planWorker(plan: Plan, worker: Module): void {
  if (['', '/core'].some((entry) => worker.importsFrom(LIBRARY + entry))) return;
  const { name, code } = registrar(plan.registration(), (text) => worker.quote(text), worker.indent);
  const imports = `import { ${name}, IdentityWorker } from ${worker.quote(LIBRARY)}`;
  if ([name, 'IdentityWorker'].some((each) => worker.declares(each))) {
    plan.byHand.push({
      path: worker.path,
      why: 'it has names of its own that these lines use',
      lines: [imports, code],
    });
    return;
  }
  worker.addAtTop([imports], [code]);
  const isLeftAlone = leaveCallbackAlone(worker);
  plan.write(worker.path, worker.edited);
  if (!isLeftAlone)
    plan.byHand.push({
      path: worker.path,
      why: 'its NavigationRoute would answer the callback page with the app',
      lines: [`denylist: [${callbackPattern}]`],
    });
}

const callbackPattern = `/\\/${CALLBACK_PAGE.replace('.', '\\.')}/`;

/** @returns Whether no fallback answers the callback page. */
function leaveCallbackAlone(worker: Module): boolean {
  const name = worker.localName('workbox-routing', 'NavigationRoute');
  const routes = name === undefined ? [] : worker.calls(name);
  return routes.every(({ arguments: [handler, options, ...others], end }) => {
    if (!handler || handler.type === 'SpreadElement' || others.length > 0) return false;
    if (!options) {
      worker.insert(handler.end, `, { denylist: [${callbackPattern}] }`);
      return true;
    }
    if (options.type !== 'ObjectExpression') return false;
    if (worker.slice({ start: options.start, end }).includes(CALLBACK_PAGE.split('.')[0] ?? '')) return true;
    const denied = valueOf(options, 'denylist');
    if (denied?.type === 'ArrayExpression' && !denied.elements.includes(null)) {
      insertItem(
        worker,
        { ...denied, items: denied.elements.filter((each) => each !== null) },
        callbackPattern,
      );
      return true;
    }
    if (denied || options.properties.some(({ type }) => type === 'SpreadElement')) return false;
    insertItem(worker, { ...options, items: options.properties }, `denylist: [${callbackPattern}]`);
    return true;
  });
}

/**
 * Stands before the script of a worker: at a step that a test names, everything that leaves the worker or comes into it ends, as if
 * it had been stopped there. The test then stops it. What is asked of the server at `/kill-point/` is answered by `kill-points.ts`.
 */
(() => {
  const send = self.fetch.bind(self);
  /** Methods of the platform, called with what they belong to. */
  const methodOf = (prototype, name) => Reflect.get(prototype, name);
  const listen = methodOf(EventTarget.prototype, 'addEventListener');
  const never = () => new Promise(() => undefined);
  const counts = {};
  let point;
  let left = 0;
  let isFrozen = false;

  /** @returns Whether nothing goes on any more. */
  const reach = (step, detail) => {
    if (isFrozen) return true;
    counts[step] = (counts[step] ?? 0) + 1;
    if (point?.step !== step || !new RegExp(point.match ?? '').test(detail)) return false;
    left -= 1;
    if (left > 0) return false;
    isFrozen = true;
    void send('/kill-point/reached');
    return true;
  };
  self.killPoints = {
    set: (next) => {
      point = next;
      left = next.nth ?? 1;
    },
    countOf: (step) => counts[step] ?? 0,
  };

  /** Steps of the life of a worker: the server holds its answer at the step that is named. */
  const ask = async (step) => {
    const answer = await send(`/kill-point/${step}`);
    const next = await answer.json();
    if (next) self.killPoints.set(next);
  };
  for (const type of ['install', 'activate']) listen.call(self, type, (event) => event.waitUntil(ask(type)));
  const { claim, matchAll } = Clients.prototype;
  Clients.prototype.claim = async function () {
    await ask('claim');
    await claim.call(this);
    await ask('claimed');
  };
  Clients.prototype.matchAll = function (options) {
    return isFrozen ? never() : matchAll.call(this, options);
  };

  self.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (reach('fetch', url)) return never();
    return send(input, init).then(
      (response) => (reach('answered', url) ? never() : response),
      (error) => (isFrozen ? never() : Promise.reject(error)),
    );
  };

  const { respondWith } = FetchEvent.prototype;
  FetchEvent.prototype.respondWith = function (answer) {
    const { url } = this.request;
    const handOver = (response) => (reach('respond', url) ? never() : response);
    respondWith.call(this, Promise.resolve(answer).then(handOver));
  };

  for (const [type, isReply] of [
    [Client, false],
    [MessagePort, true],
  ]) {
    const { postMessage } = type.prototype;
    type.prototype.postMessage = function (message, ...rest) {
      const name = String(message?.type);
      if (isReply ? reach('reply', name) : isFrozen) return;
      postMessage.call(this, message, ...rest);
      if (!isReply) reach('posted', name);
    };
  }

  // A transaction is one step: what was not completed is not there.
  const changed = new WeakSet();
  const transaction = methodOf(IDBDatabase.prototype, 'transaction');
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const made = transaction.call(this, stores, mode, options);
    listen.call(made, 'complete', () => changed.has(made) && reach('written', this.name));
    return made;
  };
  for (const name of ['put', 'add', 'delete']) {
    const change = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...args) {
      const request = change.apply(this, args);
      const isFirst = !changed.has(this.transaction);
      changed.add(this.transaction);
      if (isFirst && reach('write', this.transaction.db.name)) this.transaction.abort();
      return request;
    };
  }
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const isOfDatabase = this instanceof IDBRequest || this instanceof IDBTransaction;
    const heard = (event) => {
      if (!isFrozen) return listener.call(this, event);
      // What a worker that is stopped has begun to make is not there either.
      if (type === 'upgradeneeded') this.transaction.abort();
    };
    return listen.call(this, type, isOfDatabase ? heard : listener, options);
  };

  for (const [type, name, before, after] of [
    [Cache, 'put', 'keep', 'kept'],
    [Cache, 'delete', 'forget', 'forgotten'],
  ]) {
    const change = type.prototype[name];
    type.prototype[name] = async function (...args) {
      const url = args[0] instanceof Request ? args[0].url : String(args[0]);
      if (reach(before, url)) return never();
      const result = await change.apply(this, args);
      return reach(after, url) ? never() : result;
    };
  }
})();

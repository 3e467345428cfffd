import adapter from '@sveltejs/adapter-node';

export default {
  // The IdentityManager registers the worker.
  kit: { adapter: adapter(), serviceWorker: { register: false } },
};

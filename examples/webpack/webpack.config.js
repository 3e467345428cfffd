import { fileURLToPath } from 'node:url';

export default {
  mode: 'production',
  entry: {
    main: './src/main.js',
    'signed-in': './src/signed-in.js',
    worker: './src/worker.js',
  },
  // At the root of the site, under fixed names: the worker controls what lies beside it and below.
  output: { path: fileURLToPath(new URL('public', import.meta.url)), filename: '[name].js' },
};

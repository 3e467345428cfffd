import { defineConfig } from 'vitest/config';

// Unit tests lie beside the code they test; the browser's behaviour is proven in e2e/ with Playwright.
export default defineConfig({
  test: {
    include: ['{protocol,sw,client,server,vite,testing,cli,demo,bench,scripts}/**/*.test.ts'],
    environment: 'node',
    // All processors: the default leaves one free.
    maxWorkers: '100%',
    // Modules that several test files import are loaded once a worker: half the time.
    isolate: false,
    unstubGlobals: true,
    testTimeout: 20_000,
  },
});

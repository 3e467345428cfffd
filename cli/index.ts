#!/usr/bin/env node
/** `npx identity-worker`: chooses the command. */
import { complain, print, UsageError, type Command } from './command.js';

/** Loaded when it is called: each needs other parts of Node. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init/index.js')).init,
  portal: async () => (await import('./portal.js')).portal,
  doctor: async () => (await import('./doctor/index.js')).doctor,
};

const usage = `Usage: npx identity-worker <command>

  init           adds what is missing to the project in this folder
  portal         starts a portal on this machine, to develop and test with
  doctor <url>   looks at a site that uses identity-worker, and says what is wrong

npx identity-worker <command> --help tells the options of a command.`;

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (['--help', '-h', 'help'].includes(name)) {
    print(usage);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    complain(name === '' ? usage : `There is no command "${name}".\n\n${usage}`);
    return 2;
  }
  const command = await load();
  if (args.includes('--help') || args.includes('-h')) {
    print(command.usage);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(`${error.message}\n\n${command.usage}`);
    return 2;
  }
}

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2));

// The command: `arenascope COMMAND …`. This file acts when imported; everything else waits to be called.
import manifest from '../../package.json' with { type: 'json' };
import { COMMANDS } from './commands.ts';

const [name = 'help', ...args] = process.argv.slice(2);

process.exitCode = await main();

async function main(): Promise<number> {
  if (name === '--version' || name === '-v' || args.includes('--version')) return say(manifest.version);
  if (name === 'help' || name === '--help' || name === '-h') return say(overview());
  const command = COMMANDS[name];
  if (command === undefined) {
    const { nearest } = await import('../service/index.ts'); // not at the top: the other commands need no service
    const guess = nearest(name, Object.keys(COMMANDS));
    console.error(`arenascope: ${name}: no such command (expected: ${guess === undefined ? 'one that --help lists' : `perhaps ${guess}`})`);
    return 2;
  }
  const loaded = await command.load();
  return args.includes('--help') || args.includes('-h')
    ? say(`${command.usage}\n\n${command.summary}\n\n${loaded.help()}`.trimEnd())
    : loaded.run(args);
}

function say(text: string): number {
  console.log(text);
  return 0;
}

function overview(): string {
  const rows = Object.values(COMMANDS).map(({ usage, summary }) => `  ${usage.padEnd(34)}${summary}`);
  return `arenascope ${manifest.version}: ${manifest.description}\n\n${rows.join('\n')}\n\n  arenascope COMMAND --help         what a command takes`;
}

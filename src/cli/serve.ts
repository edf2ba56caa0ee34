// `arenascope serve`: settings, start, and an orderly stop at SIGTERM or SIGINT.
import { readSettings, Service, settingsHelp, type Settings, SettingsError, tuneCollector } from '../service/index.ts';

export const help = settingsHelp;

export async function run(args: readonly string[]): Promise<number> {
  tuneCollector();
  const settings = settingsFrom(args);
  if (settings === undefined) return 2;
  const service = new Service(settings);
  try {
    const url = await service.listen();
    console.log(greeting(url, settings));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') throw error;
    console.error(`arenascope: --host, --port: ${settings.host}:${settings.port} (expected: an address that can be listened on; ${code})`);
    return 1;
  }
  const signal = await firstSignal();
  service.log.info({ signal }, 'stopping');
  await service.stop();
  return 0;
}

function settingsFrom(args: readonly string[]): Settings | undefined {
  try {
    return readSettings(process.env, args);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const mistake of error.mistakes) console.error(`arenascope: ${mistake}`);
    return undefined;
  }
}

/** Later signals change nothing: Ctrl-C reaches us twice, from the terminal and through npm. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

function greeting(url: string, { scenario, speed, seed }: Settings): string {
  const simulated =
    scenario === 'none'
      ? ''
      : `\n  simulated ${scenario}, seed ${seed}: a day in ${Number((86_400 / speed).toPrecision(3))} s (without: --scenario none)`;
  return `arenascope listens on ${url}/

  open      ${url}/                       headroom and arenas, live
  send      curl -X PUT --data-binary @FILE ${url}/
  look      curl '${url}/api/arenas?format=text'
  scrape    ${url}/metrics${simulated}
`;
}

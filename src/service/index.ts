// service: HTTP in front of the pipeline. Settings, Express app, security, lifecycle, and the runtime that real and simulated traffic share.
// Keeps true: every request ends once, counted by outcome, with all its buffers released. Nothing imports it but the command line.
export { tuneCollector } from './collector.ts';
export { type Clock, systemClock } from './clock.ts';
export { HoldersSchema } from './explain-schemas.ts';
export { nearest } from './nearest.ts';
export { PROBLEM_CODES, type ProblemCode, problemStatus } from './problems.ts';
export { Runtime } from './runtime.ts';
export { Service, type ServiceOptions } from './server.ts';
export { settingsHelp, settingsMarkdown } from './settings-help.ts';
export { type Settings } from './settings-table.ts';
export { readSettings, SettingsError } from './settings.ts';

export type { Charge } from './charge.ts';
export { CallRefused, LineLost } from './line.ts';
export type { Outlet } from './outlet.ts';
export { type Scenario, scenarios } from './scenarios.ts';
export { type Station, type StationOptions, startStation } from './station.ts';
export type { Switches } from './switches.ts';

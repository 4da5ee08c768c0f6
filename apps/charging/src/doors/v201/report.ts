import type { OCPP20 } from 'typed-ocpp';
import type { Connection } from '../../ocpp/connection.ts';
import type { Carried } from '../../station/wish.ts';
import { byStatus, carriedBy } from '../outcome.ts';
import { fieldsIn, listIn, numberIn, wordIn } from '../payload.ts';
import { type Variable, visitOf } from '../visit.ts';

/** More than any station has that is in its right mind. */
const mostVariables = 3_000;
const longestValue = 1_000;

/** A part of a report; one that nobody waits for is nobody's. */
export function hearReport(connection: Connection, payload: Readonly<Record<string, unknown>>): void {
  const report = visitOf(connection).reports.get(numberIn(payload.requestId) ?? 0);
  if (!report) return;
  const room = mostVariables - report.variables.length;
  report.variables.push(...listIn(payload.reportData).flatMap(variablesIn).slice(0, Math.max(0, room)));
  if (payload.tbc !== true) report.end();
}

function variablesIn(data: unknown): Variable[] {
  const { component, variable, variableAttribute } = fieldsIn(data);
  const { name: componentName, instance } = fieldsIn(component);
  const name = wordIn(fieldsIn(variable).name);
  if (name === null) return [];
  return listIn(variableAttribute).map((attribute) => {
    const { value, mutability } = fieldsIn(attribute);
    return {
      component: [wordIn(componentName), wordIn(instance)].filter((word) => word !== null).join('/'),
      variable: { name },
      attributeValue: wordIn(value, longestValue),
      mutability: wordIn(mutability, 50),
    };
  });
}

/** All that a station has; null: it gives no report. What has come of it when its time is over is better than nothing. */
export async function askForReport(
  connection: Connection,
  number: number,
  deadlineMs: number,
): Promise<Carried | null> {
  const { reports } = visitOf(connection);
  const began = performance.now();
  const whole = Promise.withResolvers<boolean>();
  const variables: Variable[] = [];
  reports.set(number, { variables, end: () => whole.resolve(true) });
  const payload = { requestId: number, reportBase: 'FullInventory' } satisfies OCPP20.GetBaseReportRequest;
  let timer: NodeJS.Timeout | undefined;
  try {
    const asked = carriedBy(
      await connection.call('GetBaseReport', payload, deadlineMs),
      byStatus(['Accepted'], ['NotSupported']),
    );
    if (asked.outcome === 'rejected' || asked.outcome === 'not_supported') return null;
    if (asked.outcome !== 'accepted') return asked;
    timer = setTimeout(() => whole.resolve(false), deadlineMs - (performance.now() - began));
    const isWhole = await whole.promise;
    return isWhole || variables.length > 0
      ? { outcome: 'accepted', answer: { isWhole, variables } }
      : { outcome: 'timeout', answer: null };
  } finally {
    clearTimeout(timer);
    reports.delete(number);
  }
}

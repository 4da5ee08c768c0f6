import { type SaboteurName, saboteurNames } from './saboteurs.ts';

const days = 12;

/** A few of them, others the next day: all have been at work once in so many days. */
export const onDuty = (day: number): SaboteurName[] => saboteurNames.filter((_, index) => index % days === day % days);

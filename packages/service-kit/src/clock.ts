/** The time, as an argument: rules and tests never ask the machine. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

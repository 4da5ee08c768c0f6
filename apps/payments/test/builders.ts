let made = 0;
/** Of its own in this file's database; ordered by making. */
export const anId = (): string => `65f1a2b3${(made++).toString(16).padStart(16, '0')}`;

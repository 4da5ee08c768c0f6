/** What somebody may do besides being a customer. */
export const roles = ['operator', 'partner'] as const;
export type Role = (typeof roles)[number];

/** May do everything under `/admin/…`. */
export const operatorRole = 'operator' satisfies Role;

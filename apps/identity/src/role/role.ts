/** What somebody may do besides being a customer. */
export const roles = ['operator', 'partner'] as const;
export type Role = (typeof roles)[number];

/** May do everything under `/admin/…`. */
export const operatorRole = 'operator' satisfies Role;

/** What a program of somebody else's may be given: never what staff may do, who are people. */
export const serviceRoles = ['partner'] as const satisfies readonly Role[];
export type ServiceRole = (typeof serviceRoles)[number];

import { type ParticipantName, participantNames } from '@forecourt/contracts';
import type { PublicKeys } from './keys.ts';
import { type Permissions, partnersPermissions, permissionsOf } from './permissions.ts';

export interface AccessOptions {
  /** As it stands in the file: quoted, or a reference to the server's environment. */
  password(user: string): string;
  keys: PublicKeys;
  streamPrefix?: string;
}

/** Beside those who take part: who answers about apps, who watches over connections, partners, and people. */
const helpers = ['auth', 'sys', 'partner', 'operator'] as const;

export const brokerUsers: readonly (ParticipantName | (typeof helpers)[number])[] = [...participantNames, ...helpers];

/** A question that takes longer has long been given up by who asked it. */
const responseSeconds = 60;

/** The part of nats-server's configuration that says who may do what. */
export function renderAccess({ password, keys, streamPrefix = '' }: AccessOptions): string {
  const user = (name: string, permissions?: Permissions) => renderUser(name, password(name), permissions);
  return `accounts {
  # Where identity is asked whether an app is who it says it is.
  AUTH {
    users = [
${user('auth', auth)}
    ]
  }
  # The services among themselves: a user each, with what its contract lists.
  PLATFORM {
    jetstream: enabled
    users = [
${participantNames.map((name) => user(name, permissionsOf(name, streamPrefix))).join('\n')}
      # For partners' systems: hear what happens to products.
${user('partner', partnersPermissions(streamPrefix))}
      # For people: may do everything here.
${user('operator')}
    ]
    exports = [ { stream: "push.>", accounts: [PUSH] } ]
  }
  # Apps: whoever is none of the users above, and whom identity knows.
  PUSH {
    imports = [ { stream: { account: PLATFORM, subject: "push.>" } } ]
  }
  # Sees connections, and ends those of apps whose session is over.
  SYS {
    users = [
${user('sys', sys)}
    ]
  }
}
system_account: SYS
# A connection's, in all. Services need some dozens; what apps are allowed less in their tokens the server does not hold
# them to, so identity disconnects those who have more than they can use.
max_subscriptions: 256
authorization {
  timeout: 3
  auth_callout {
    issuer: ${keys.issuer}
    xkey: ${keys.xkey}
    account: AUTH
    auth_users: [ ${brokerUsers.join(', ')} ]
  }
}
`;
}

const auth: Permissions = {
  publish: [],
  subscribe: ['$SYS.REQ.USER.AUTH', '$SYS.REQ.USER.AUTH *', '_INBOX.auth.>'],
  responds: true,
};

const sys: Permissions = {
  publish: ['$SYS.REQ.ACCOUNT.PUSH.CONNZ', '$SYS.REQ.SERVER.*.CONNZ', '$SYS.REQ.SERVER.*.KICK'],
  subscribe: ['$SYS.ACCOUNT.PUSH.>', '_INBOX.sys.>'],
  responds: false,
};

/** From apps' side of the house, over WebSocket, nobody of ours may come: their passwords cannot be tried there. */
function renderUser(name: string, password: string, permissions?: Permissions): string {
  const rights = permissions === undefined ? '' : `\n${renderPermissions(permissions)}`;
  return `      {
        user: ${name}
        password: ${password}
        allowed_connection_types: ["STANDARD"]${rights}
      }`;
}

function renderPermissions({ publish, subscribe, responds }: Permissions): string {
  const responses = responds ? `\n          allow_responses: { max: 1, expires: "${responseSeconds}s" }` : '';
  return `        permissions {
          publish: ${allowed(publish)}
          subscribe: ${allowed(subscribe)}${responses}
        }`;
}

const allowed = (subjects: readonly string[]): string =>
  subjects.length === 0
    ? '{ deny: ">" }'
    : `{ allow: [\n${subjects.map((subject) => `            ${JSON.stringify(subject)}`).join('\n')}\n          ] }`;

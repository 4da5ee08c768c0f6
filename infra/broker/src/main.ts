import { newBrokerKeys, publicKeysOf } from './keys.ts';
import { brokerUsers, renderAccess } from './render.ts';

const usage = `broker:config           accounts, users and their rights, for nats-server's configuration to include
broker:config -- keys   new keys: two for identity, two for the server's environment

STREAM_PREFIX is what the services have. Secrets are references to the server's environment: BROKER_ISSUER, BROKER_XKEY and
${brokerUsers.map(passwordVariable).join(', ')}.`;

function passwordVariable(user: string): string {
  return `BROKER_PASSWORD_${user.toUpperCase()}`;
}

function config(): string {
  const { STREAM_PREFIX: streamPrefix = '' } = process.env;
  return renderAccess({
    password: (user) => `$${passwordVariable(user)}`,
    keys: { issuer: '$BROKER_ISSUER', xkey: '$BROKER_XKEY' },
    streamPrefix,
  });
}

function keys(): string {
  const secret = newBrokerKeys();
  const open = publicKeysOf(secret);
  return `# identity's environment; nobody else's
BROKER_ISSUER_SEED=${secret.issuerSeed}
BROKER_XKEY_SEED=${secret.xkeySeed}
# nats-server's environment
BROKER_ISSUER=${open.issuer}
BROKER_XKEY=${open.xkey}
`;
}

const [command, ...more] = process.argv.slice(2);
if (more.length > 0 || (command !== undefined && command !== 'keys')) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(command === 'keys' ? keys() : config());
}

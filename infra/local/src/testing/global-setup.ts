/** Tests find their servers in TEST_POSTGRES_URL and TEST_NATS_URL. */
export async function setup(): Promise<void> {
  if (!process.env.TEST_POSTGRES_URL || !process.env.TEST_NATS_URL) {
    throw new Error('set TEST_POSTGRES_URL and TEST_NATS_URL');
  }
}

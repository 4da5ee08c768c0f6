/** What one customer's apps are told. Newer builds listen on a sub-topic for the bare facts, older ones on the topic. */
export interface Push {
  readonly customerId: string;
  /** In capitals the sub-topic: `replenishment` goes to `….REPLENISHMENT`. */
  readonly name: string;
  /** On the topic itself; null: nothing. */
  readonly wrapped: object | null;
  /** On the sub-topic; null: nothing. */
  readonly bare: object | null;
}

export interface TopicMessage {
  readonly subject: string;
  readonly payload: string;
}

/** On the subjects that apps listen to. */
export function messagesOf({ name, wrapped, bare }: Omit<Push, 'customerId'>, topic: string): TopicMessage[] {
  const messages = [
    { subject: topic, content: wrapped },
    { subject: `${topic}.${name.toUpperCase()}`, content: bare },
  ];
  return messages.flatMap(({ subject, content }) => (content ? [{ subject, payload: JSON.stringify(content) }] : []));
}

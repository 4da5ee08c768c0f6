/** What each flow does, for those who read the page. */
export const meanings: readonly [string, string][] = [
  ['list', 'pages 1 to 7 of everything'],
  ['filtered list, popular', 'pages 1 to 7 of the 20 categories: 140 addresses'],
  ['filtered list, rare', 'a category, a maker and a lowest price, so many of them that hardly one is asked for twice'],
  ['list with facets', 'the same with counts for every filter'],
  ['search', 'two or three words that a product has, the last one often unfinished'],
  [
    'search, typo',
    'the same words with one wrong letter; the yardstick knows no typos and searches for the right ones',
  ],
  ['detail, popular', '20 products again and again'],
  ['detail, any', 'each time one of all products, whichever'],
  [
    'detail, any, shop changing',
    'the same while an operator changes a product four times a second, upon which what is kept of that one falls, and every list',
  ],
  [
    'login',
    'password and new session; the yardstick is the hash alone. Both hash as few passwords at once as identity does by default, three more people ask than that, and what a login does beside its hash goes on while others hash',
  ],
  ['login, alone', 'the same by one person after the other, who waits for all of it; no number to hold'],
  [
    'refresh',
    'each connection spends the token that its last answer brought; the yardstick changes a row and signs a token',
  ],
  [
    'signed request',
    'GET /me signed with a device key: exchanged for a token, and never taken twice; the yardstick is the HMAC alone',
  ],
  [
    'code request',
    'a code for a phone that never had one: limits, request and message in one transaction, and it is sent; the yardstick inserts one row',
  ],
  ['code check', 'a wrong code; the yardstick counts a try in one row'],
  ['order history', "a customer's newest 20 orders; the yardstick verifies no token"],
  [
    'guest order',
    'one line: validated, priced, stock reserved, idempotent, durable, its event published and applied; the yardstick prices, takes the stock and stores in one statement',
  ],
  ['account order', 'the same with a token and three lines'],
  [
    'products in step',
    'a partner goes through all products by their cursor, 100 a page, with a key that is exchanged; the yardstick numbers its rows, and nobody writes there',
  ],
  ['calls', 'what calls abroad cost, in three languages by turns'],
  ['calls, known', 'the same with If-None-Match, answered 304; the yardstick looks which list holds'],
  [
    'client',
    'what a subscriber has, with a token: packages in force, and the balance, which payments is asked for; the yardstick is one statement over both, and verifies no token',
  ],
  [
    'ledger, charge',
    'another wallet each time, asked for by request and reply over the broker as services do, over no gateway: decided, posted twice, idempotent, durable, its event published and applied; the yardstick is one statement, asked over HTTP, that changes two balances and inserts a transfer',
  ],
  ['ledger, hot wallet', 'all of them from one wallet; no answer but yes, and afterwards the sums are right'],
  [
    'ledger, hold and capture',
    'two questions, one transfer: money is held, then half of it captured and the rest set free; the yardstick does both in one request of two statements',
  ],
  [
    'station, heartbeat',
    'over its WebSocket, straight to charging, half of them of each version of OCPP: read, answered in order, kept in the log of frames; the yardstick is a bare `ws` that sends back what it gets',
  ],
  [
    'station, meter value',
    'of a charge that somebody pays: read, priced, stored with its session, told to the driver; the yardstick is a bare `ws` that stores it in one row',
  ],
];

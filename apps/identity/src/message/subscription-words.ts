import type { Language } from '@forecourt/dialects';
import type { Letter, MessageFacts } from './message.ts';
import type { WordsOf } from './words.ts';

/** A day as people of a language write it, by the calendar that its subscription goes by. */
const day = (language: Language, instant: string, timeZone: string): string =>
  dayFormat(language, timeZone)
    .format(new Date(instant))
    .replaceAll(/[\u00a0\u202f]/g, ' ');

const money = (language: Language, { price, currency }: { readonly price: string; readonly currency: string }) =>
  new Intl.NumberFormat(language, { style: 'currency', currency }).format(price as Intl.StringNumericLiteral);

// To make one costs more than all else about a message.
const dayFormats = new Map<string, Intl.DateTimeFormat>();

function dayFormat(language: Language, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`;
  const known = dayFormats.get(key) ?? new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone });
  dayFormats.set(key, known);
  return known;
}

const letter = (subject: string, ...more: readonly string[]): Letter => ({
  subject,
  paragraphs: [`${subject}.`, ...more],
  sms: [`${subject}.`, ...more].join(' '),
});

type Renewal = MessageFacts['subscription_renewal'];
const renewal = (
  language: Language,
  { title, renewsAt, timeZone, covered, ...price }: Renewal,
  say: (title: string, day: string, price: string) => string,
  short: string,
): Letter => letter(say(title, day(language, renewsAt, timeZone), money(language, price)), ...(covered ? [] : [short]));

export const subscriptionWords: WordsOf<
  'subscription_renewal' | 'subscription_inactive' | 'subscription_active' | 'subscription_ended' | 'order_refused'
> = {
  subscription_renewal: {
    uk: (facts) =>
      renewal(
        'uk',
        facts,
        (title, on, price) => `${title}: ${on} продовжується, ${price}`,
        'Поповніть рахунок: коштів замало.',
      ),
    ru: (facts) =>
      renewal(
        'ru',
        facts,
        (title, on, price) => `${title}: ${on} продлевается, ${price}`,
        'Пополните счёт: средств мало.',
      ),
    ka: (facts) =>
      renewal(
        'ka',
        facts,
        (title, on, price) => `${title}: ${on} გრძელდება, ${price}`,
        'შეავსეთ ანგარიში: თანხა არ არის საკმარისი.',
      ),
    mn: (facts) =>
      renewal(
        'mn',
        facts,
        (title, on, price) => `${title}: ${on} сунгагдана, ${price}`,
        'Дансаа цэнэглээрэй: үлдэгдэл хүрэлцэхгүй.',
      ),
    en: (facts) =>
      renewal(
        'en',
        facts,
        (title, on, price) => `${title} renews on ${on} for ${price}`,
        'Top up: there is too little on your balance.',
      ),
  },
  subscription_inactive: {
    uk: ({ title }) =>
      letter(`${title}: призупинено, бракує коштів`, 'Після поповнення рахунку пакет запрацює одразу.'),
    ru: ({ title }) =>
      letter(`${title}: приостановлено, не хватает средств`, 'После пополнения счёта пакет заработает сразу.'),
    ka: ({ title }) =>
      letter(`${title}: შეჩერებულია, თანხა არ არის საკმარისი`, 'ანგარიშის შევსებისთანავე პაკეტი ამოქმედდება.'),
    mn: ({ title }) =>
      letter(`${title}: түр зогслоо, үлдэгдэл хүрэлцэхгүй байна`, 'Дансаа цэнэглэмэгц багц шууд идэвхжинэ.'),
    en: ({ title }) =>
      letter(`${title} is inactive: too little on your balance`, 'It is active at once when you top up.'),
  },
  subscription_active: {
    uk: ({ title, until, timeZone }) => letter(`${title}: діє до ${day('uk', until, timeZone)}`),
    ru: ({ title, until, timeZone }) => letter(`${title}: действует до ${day('ru', until, timeZone)}`),
    ka: ({ title, until, timeZone }) => letter(`${title}: მოქმედებს, ბოლო დღე: ${day('ka', until, timeZone)}`),
    mn: ({ title, until, timeZone }) => letter(`${title}: идэвхтэй, дуусах өдөр: ${day('mn', until, timeZone)}`),
    en: ({ title, until, timeZone }) => letter(`${title} is active until ${day('en', until, timeZone)}`),
  },
  subscription_ended: {
    uk: ({ title }) => letter(`${title}: завершено`),
    ru: ({ title }) => letter(`${title}: завершено`),
    ka: ({ title }) => letter(`${title}: დასრულებულია`),
    mn: ({ title }) => letter(`${title}: дууслаа`),
    en: ({ title }) => letter(`${title} has ended`),
  },
  order_refused: {
    uk: ({ title }) => letter(`${title}: замовлення не вдалося виконати`, 'З вас нічого не стягнуто. Замовте ще раз.'),
    ru: ({ title }) => letter(`${title}: заказ не удалось выполнить`, 'С вас ничего не списано. Закажите ещё раз.'),
    ka: ({ title }) => letter(`${title}: შეკვეთა ვერ შესრულდა`, 'თანხა არ ჩამოგეჭრათ. შეუკვეთეთ ხელახლა.'),
    mn: ({ title }) => letter(`${title}: захиалга биелсэнгүй`, 'Төлбөр суутгаагүй. Дахин захиална уу.'),
    en: ({ title }) => letter(`${title}: the order came to nothing`, 'You were charged nothing. Please order again.'),
  },
};

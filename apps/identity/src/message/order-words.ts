import type { Language } from '@forecourt/dialects';
import type { Letter, MessageFacts } from './message.ts';
import type { WordsOf } from './words.ts';

const money = (language: Language, { total, currency }: MessageFacts['order_placed']) =>
  moneyFormat(language, currency).format(total as Intl.StringNumericLiteral);

// To make one costs more than all else about a message.
const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(language: Language, currency: string): Intl.NumberFormat {
  const name = `${language} ${currency}`;
  const known = moneyFormats.get(name) ?? new Intl.NumberFormat(language, { style: 'currency', currency });
  moneyFormats.set(name, known);
  return known;
}

const lines = ({ items }: MessageFacts['order_placed']) =>
  items.map(({ title, quantity }) => `${title} × ${quantity}`).join('\n');

const statuses = {
  uk: { new: 'прийнято', processing: 'комплектується', done: 'виконано', cancelled: 'скасовано' },
  ru: { new: 'принят', processing: 'собирается', done: 'выполнен', cancelled: 'отменён' },
  ka: { new: 'მიღებულია', processing: 'მზადდება', done: 'შესრულებულია', cancelled: 'გაუქმებულია' },
  mn: { new: 'хүлээн авлаа', processing: 'бэлтгэгдэж байна', done: 'биелэгдсэн', cancelled: 'цуцлагдсан' },
  en: { new: 'is placed', processing: 'is being prepared', done: 'is completed', cancelled: 'is cancelled' },
} satisfies Record<Language, Record<MessageFacts['order_changed']['status'], string>>;

const sentence = (subject: string): Letter => ({ subject, paragraphs: [`${subject}.`] });

export const orderWords: WordsOf<'order_placed' | 'order_changed'> = {
  order_placed: {
    uk: (order) => ({
      subject: `Замовлення ${order.number} прийнято, сума ${money('uk', order)}`,
      paragraphs: ['Дякуємо за замовлення!', lines(order), `Разом: ${money('uk', order)}`],
    }),
    ru: (order) => ({
      subject: `Заказ ${order.number} принят, сумма ${money('ru', order)}`,
      paragraphs: ['Спасибо за заказ!', lines(order), `Итого: ${money('ru', order)}`],
    }),
    ka: (order) => ({
      subject: `შეკვეთა ${order.number} მიღებულია, თანხა ${money('ka', order)}`,
      paragraphs: ['გმადლობთ შეკვეთისთვის!', lines(order), `სულ: ${money('ka', order)}`],
    }),
    mn: (order) => ({
      subject: `${order.number} захиалгыг хүлээн авлаа, дүн ${money('mn', order)}`,
      paragraphs: ['Захиалга өгсөнд баярлалаа!', lines(order), `Нийт: ${money('mn', order)}`],
    }),
    en: (order) => ({
      subject: `Order ${order.number} is placed, total ${money('en', order)}`,
      paragraphs: ['Thank you for your order!', lines(order), `Total: ${money('en', order)}`],
    }),
  },
  order_changed: {
    uk: ({ number, status }) => sentence(`Замовлення ${number} ${statuses.uk[status]}`),
    ru: ({ number, status }) => sentence(`Заказ ${number} ${statuses.ru[status]}`),
    ka: ({ number, status }) => sentence(`შეკვეთა ${number} ${statuses.ka[status]}`),
    mn: ({ number, status }) => sentence(`${number} захиалга ${statuses.mn[status]}`),
    en: ({ number, status }) => sentence(`Order ${number} ${statuses.en[status]}`),
  },
};

import type { Language } from '@forecourt/dialects';
import { codeLetter } from './code-words.ts';
import type { Letter, MessageFacts, MessageKind } from './message.ts';
import { phoneProvedLetters } from './phone-proved-words.ts';

type Words = { readonly [Kind in MessageKind]: Readonly<Record<Language, (facts: MessageFacts[Kind]) => Letter>> };

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

/** The compiler asks for every message in every language. */
const words: Words = {
  password_reset: {
    uk: ({ url }) => ({
      subject: 'Відновлення пароля',
      sms: `Відновлення пароля: ${url}`,
      paragraphs: [
        'Ви попросили відновити пароль. Щоб задати новий, відкрийте посилання:',
        url,
        'Воно діє одну годину і спрацює один раз. Якщо ви цього не просили, нічого не робіть: пароль лишиться тим самим.',
      ],
    }),
    ru: ({ url }) => ({
      subject: 'Восстановление пароля',
      sms: `Восстановление пароля: ${url}`,
      paragraphs: [
        'Вы попросили восстановить пароль. Чтобы задать новый, откройте ссылку:',
        url,
        'Она действует один час и сработает один раз. Если вы этого не просили, ничего не делайте: пароль останется прежним.',
      ],
    }),
    ka: ({ url }) => ({
      subject: 'პაროლის აღდგენა',
      sms: `პაროლის აღდგენა: ${url}`,
      paragraphs: [
        'თქვენ მოითხოვეთ პაროლის აღდგენა. ახლის დასაყენებლად გახსენით ბმული:',
        url,
        'ის მოქმედებს ერთი საათი და მხოლოდ ერთხელ. თუ ეს თქვენ არ მოგითხოვიათ, არაფერი გააკეთოთ: პაროლი იგივე დარჩება.',
      ],
    }),
    mn: ({ url }) => ({
      subject: 'Нууц үг сэргээх',
      sms: `Нууц үг сэргээх: ${url}`,
      paragraphs: [
        'Та нууц үгээ сэргээх хүсэлт илгээсэн. Шинийг тохируулахын тулд холбоосыг нээнэ үү:',
        url,
        'Холбоос нэг цаг, зөвхөн нэг удаа хүчинтэй. Хэрэв та хүсэлт илгээгээгүй бол юу ч хийх хэрэггүй: нууц үг хэвээр үлдэнэ.',
      ],
    }),
    en: ({ url }) => ({
      subject: 'Reset your password',
      sms: `Reset your password: ${url}`,
      paragraphs: [
        'You asked to reset your password. To choose a new one, open this link:',
        url,
        'It works once, within one hour. If you did not ask for it, do nothing: your password stays as it is.',
      ],
    }),
  },
  code: {
    uk: codeLetter('uk'),
    ru: codeLetter('ru'),
    ka: codeLetter('ka'),
    mn: codeLetter('mn'),
    en: codeLetter('en'),
  },
  password_changed: {
    uk: () => ({
      subject: 'Ваш пароль змінено',
      paragraphs: [
        'Пароль вашого облікового запису змінено, сеанси на інших пристроях завершено.',
        'Якщо це були не ви, одразу відновіть пароль на сторінці входу.',
      ],
    }),
    ru: () => ({
      subject: 'Ваш пароль изменён',
      paragraphs: [
        'Пароль вашей учётной записи изменён, сеансы на других устройствах завершены.',
        'Если это были не вы, сразу восстановите пароль на странице входа.',
      ],
    }),
    ka: () => ({
      subject: 'თქვენი პაროლი შეიცვალა',
      paragraphs: [
        'თქვენი ანგარიშის პაროლი შეიცვალა, სესიები სხვა მოწყობილობებზე დასრულდა.',
        'თუ ეს თქვენ არ იყავით, დაუყოვნებლივ აღადგინეთ პაროლი შესვლის გვერდზე.',
      ],
    }),
    mn: () => ({
      subject: 'Таны нууц үг солигдлоо',
      paragraphs: [
        'Таны бүртгэлийн нууц үг солигдож, бусад төхөөрөмж дээрх сесс дууслаа.',
        'Хэрэв энэ та биш бол нэвтрэх хуудаснаас нууц үгээ даруй сэргээнэ үү.',
      ],
    }),
    en: () => ({
      subject: 'Your password was changed',
      paragraphs: [
        'The password of your account was changed, and its sessions on other devices were ended.',
        'If it was not you, reset it at once on the sign-in page.',
      ],
    }),
  },
  email_changed: {
    uk: () => ({
      subject: 'Адресу вашого облікового запису змінено',
      paragraphs: [
        'Обліковий запис, що мав цю електронну адресу, тепер має іншу.',
        'Якщо це були не ви, зверніться до нас.',
      ],
    }),
    ru: () => ({
      subject: 'Адрес вашей учётной записи изменён',
      paragraphs: [
        'Учётная запись, у которой был этот адрес электронной почты, теперь имеет другой.',
        'Если это были не вы, обратитесь к нам.',
      ],
    }),
    ka: () => ({
      subject: 'თქვენი ანგარიშის მისამართი შეიცვალა',
      paragraphs: ['ანგარიშს, რომელსაც ეს ელფოსტა ჰქონდა, ახლა სხვა აქვს.', 'თუ ეს თქვენ არ იყავით, დაგვიკავშირდით.'],
    }),
    mn: () => ({
      subject: 'Таны бүртгэлийн хаяг солигдлоо',
      paragraphs: [
        'Энэ цахим шуудангийн хаягтай байсан бүртгэл одоо өөр хаягтай боллоо.',
        'Хэрэв энэ та биш бол бидэнтэй холбогдоно уу.',
      ],
    }),
    en: () => ({
      subject: 'The address of your account was changed',
      paragraphs: [
        'The account that had this e-mail address has another one now.',
        'If it was not you, please contact us.',
      ],
    }),
  },
  phone_changed: {
    uk: () => ({
      subject: 'Номер телефону вашого облікового запису змінено',
      paragraphs: [
        'Обліковий запис тепер має інший номер телефону.',
        'Якщо це були не ви, змініть пароль і зверніться до нас.',
      ],
    }),
    ru: () => ({
      subject: 'Номер телефона вашей учётной записи изменён',
      paragraphs: [
        'У учётной записи теперь другой номер телефона.',
        'Если это были не вы, смените пароль и обратитесь к нам.',
      ],
    }),
    ka: () => ({
      subject: 'თქვენი ანგარიშის ტელეფონის ნომერი შეიცვალა',
      paragraphs: [
        'ანგარიშს ახლა სხვა ტელეფონის ნომერი აქვს.',
        'თუ ეს თქვენ არ იყავით, შეცვალეთ პაროლი და დაგვიკავშირდით.',
      ],
    }),
    mn: () => ({
      subject: 'Таны бүртгэлийн утасны дугаар солигдлоо',
      paragraphs: [
        'Бүртгэл одоо өөр утасны дугаартай боллоо.',
        'Хэрэв энэ та биш бол нууц үгээ сольж, бидэнтэй холбогдоно уу.',
      ],
    }),
    en: () => ({
      subject: 'The phone number of your account was changed',
      paragraphs: [
        'Your account has another phone number now.',
        'If it was not you, change your password and contact us.',
      ],
    }),
  },
  phone_proved: phoneProvedLetters,
  email_lost: {
    uk: () => ({
      subject: 'Електронну адресу вашого облікового запису підтвердив хтось інший, і в запису її більше немає',
      paragraphs: [
        'Цю електронну адресу підтверджено в іншому обліковому записі, тому у вашому її більше немає.',
        'Входьте за номером телефону; нову адресу можна додати в налаштуваннях.',
      ],
    }),
    ru: () => ({
      subject: 'Электронный адрес вашей учётной записи подтвердил кто-то другой, и в записи его больше нет',
      paragraphs: [
        'Этот электронный адрес подтверждён в другой учётной записи, поэтому в вашей его больше нет.',
        'Входите по номеру телефона; новый адрес можно добавить в настройках.',
      ],
    }),
    ka: () => ({
      subject: 'თქვენი ანგარიშის ელფოსტა სხვამ დაადასტურა და ანგარიშში ის აღარ არის',
      paragraphs: [
        'ეს ელფოსტა სხვა ანგარიშში დადასტურდა, ამიტომ თქვენსაში ის აღარ არის.',
        'შედით ტელეფონის ნომრით; ახალი მისამართის დამატება პარამეტრებში შეგიძლიათ.',
      ],
    }),
    mn: () => ({
      subject: 'Таны бүртгэлийн имэйл хаягийг өөр хүн баталгаажуулсан тул бүртгэлд байхгүй боллоо',
      paragraphs: [
        'Энэ имэйл хаягийг өөр бүртгэлд баталгаажуулсан тул таны бүртгэлд байхгүй боллоо.',
        'Утасны дугаараараа нэвтэрнэ үү; шинэ хаягийг тохиргоонд нэмж болно.',
      ],
    }),
    en: () => ({
      subject: 'Somebody else confirmed the e-mail address of your account, which has none now',
      paragraphs: [
        'This e-mail address was confirmed in another account, so yours does not have it any more.',
        'Sign in with your phone number; you can add another address in the settings.',
      ],
    }),
  },
  phone_lost: {
    uk: () => ({
      subject: 'Номер телефону вашого облікового запису підтвердив хтось інший',
      paragraphs: [
        'Цей номер телефону підтверджено в іншому обліковому записі, тому у вашому його більше немає.',
        'Входьте за цією електронною адресою; новий номер можна додати в налаштуваннях.',
      ],
    }),
    ru: () => ({
      subject: 'Номер телефона вашей учётной записи подтвердил кто-то другой',
      paragraphs: [
        'Этот номер телефона подтверждён в другой учётной записи, поэтому в вашей его больше нет.',
        'Входите по этому электронному адресу; новый номер можно добавить в настройках.',
      ],
    }),
    ka: () => ({
      subject: 'თქვენი ანგარიშის ტელეფონის ნომერი სხვამ დაადასტურა',
      paragraphs: [
        'ეს ტელეფონის ნომერი სხვა ანგარიშში დადასტურდა, ამიტომ თქვენსაში ის აღარ არის.',
        'შედით ამ ელფოსტით; ახალი ნომრის დამატება პარამეტრებში შეგიძლიათ.',
      ],
    }),
    mn: () => ({
      subject: 'Таны бүртгэлийн утасны дугаарыг өөр хүн баталгаажуулсан байна',
      paragraphs: [
        'Энэ утасны дугаарыг өөр бүртгэлд баталгаажуулсан тул таны бүртгэлд байхгүй боллоо.',
        'Энэ имэйл хаягаараа нэвтэрнэ үү; шинэ дугаарыг тохиргоонд нэмж болно.',
      ],
    }),
    en: () => ({
      subject: 'Somebody else confirmed the phone number of your account',
      paragraphs: [
        'This phone number was confirmed in another account, so yours does not have it any more.',
        'Sign in with this e-mail address; you can add another number in the settings.',
      ],
    }),
  },
  account_erased: {
    uk: () => ({
      subject: 'Ваш обліковий запис видалено',
      paragraphs: [
        'Ваш обліковий запис і ваші дані в ньому видалено, як ви просили.',
        'Якщо це були не ви, зверніться до нас.',
      ],
    }),
    ru: () => ({
      subject: 'Ваша учётная запись удалена',
      paragraphs: [
        'Ваша учётная запись и ваши данные в ней удалены, как вы просили.',
        'Если это были не вы, обратитесь к нам.',
      ],
    }),
    ka: () => ({
      subject: 'თქვენი ანგარიში წაიშალა',
      paragraphs: [
        'თქვენი ანგარიში და მასში თქვენი მონაცემები წაიშალა, როგორც მოითხოვეთ.',
        'თუ ეს თქვენ არ იყავით, დაგვიკავშირდით.',
      ],
    }),
    mn: () => ({
      subject: 'Таны бүртгэл устлаа',
      paragraphs: [
        'Таны хүсэлтээр таны бүртгэл, түүн дэх таны мэдээллийг устгалаа.',
        'Хэрэв энэ та биш бол бидэнтэй холбогдоно уу.',
      ],
    }),
    en: () => ({
      subject: 'Your account was erased',
      paragraphs: [
        'Your account, and what it held about you, was erased as you asked.',
        'If it was not you, please contact us.',
      ],
    }),
  },
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

const sentence = (subject: string): Letter => ({ subject, paragraphs: [`${subject}.`] });

export const write = <Kind extends MessageKind>(kind: Kind, language: Language, facts: MessageFacts[Kind]): Letter =>
  words[kind][language](facts);

import type { Language } from '@forecourt/dialects';
import { codeMinutes, type Purpose } from '../code/code.ts';
import type { Letter, MessageFacts } from './message.ts';

interface CodeWords {
  /** Who is asked for a code over the phone by a stranger sees here what it really opens. */
  readonly names: Readonly<Record<Purpose, string>>;
  readonly secret: string;
  readonly validity: string;
  readonly unasked: string;
}

const wordsOf: Readonly<Record<Language, CodeWords>> = {
  uk: {
    names: {
      sign_in: 'Код для входу',
      driver_sign_in: 'Код для входу в застосунок водія',
      subscriber_sign_in: 'Код для входу в кабінет абонента',
      registration: 'Код для реєстрації',
      restore: 'Код для відновлення доступу',
      phone_change: 'Код для зміни номера телефону',
      email_change: 'Код для зміни електронної адреси',
      confirmation: 'Код підтвердження',
    },
    secret: 'Нікому його не кажіть.',
    validity: `Він діє ${codeMinutes} хвилин і спрацює один раз.`,
    unasked: 'Якщо ви його не просили, нічого не робіть.',
  },
  ru: {
    names: {
      sign_in: 'Код для входа',
      driver_sign_in: 'Код для входа в приложение водителя',
      subscriber_sign_in: 'Код для входа в кабинет абонента',
      registration: 'Код для регистрации',
      restore: 'Код для восстановления доступа',
      phone_change: 'Код для смены номера телефона',
      email_change: 'Код для смены электронного адреса',
      confirmation: 'Код подтверждения',
    },
    secret: 'Никому его не говорите.',
    validity: `Он действует ${codeMinutes} минут и сработает один раз.`,
    unasked: 'Если вы его не просили, ничего не делайте.',
  },
  ka: {
    names: {
      sign_in: 'შესვლის კოდი',
      driver_sign_in: 'მძღოლის აპლიკაციაში შესვლის კოდი',
      subscriber_sign_in: 'აბონენტის კაბინეტში შესვლის კოდი',
      registration: 'რეგისტრაციის კოდი',
      restore: 'წვდომის აღდგენის კოდი',
      phone_change: 'ტელეფონის ნომრის შეცვლის კოდი',
      email_change: 'ელფოსტის შეცვლის კოდი',
      confirmation: 'დადასტურების კოდი',
    },
    secret: 'არავის უთხრათ.',
    validity: `ის მოქმედებს ${codeMinutes} წუთი და მხოლოდ ერთხელ.`,
    unasked: 'თუ ეს თქვენ არ მოგითხოვიათ, არაფერი გააკეთოთ.',
  },
  mn: {
    names: {
      sign_in: 'Нэвтрэх код',
      driver_sign_in: 'Жолоочийн аппад нэвтрэх код',
      subscriber_sign_in: 'Захиалагчийн хуудсанд нэвтрэх код',
      registration: 'Бүртгүүлэх код',
      restore: 'Нэвтрэх эрх сэргээх код',
      phone_change: 'Утасны дугаар солих код',
      email_change: 'Имэйл хаяг солих код',
      confirmation: 'Баталгаажуулах код',
    },
    secret: 'Хэнд ч бүү хэлээрэй.',
    validity: `Код ${codeMinutes} минут, зөвхөн нэг удаа хүчинтэй.`,
    unasked: 'Хэрэв та хүсэлт илгээгээгүй бол юу ч хийх хэрэггүй.',
  },
  en: {
    names: {
      sign_in: 'Your code to sign in',
      driver_sign_in: 'Your code to sign in to the driver app',
      subscriber_sign_in: 'Your code to sign in as a subscriber',
      registration: 'Your code to register',
      restore: 'Your code to restore access',
      phone_change: 'Your code to change the phone number',
      email_change: 'Your code to change the e-mail address',
      confirmation: 'Your confirmation code',
    },
    secret: 'Do not tell it to anybody.',
    validity: `It works once, within ${codeMinutes} minutes.`,
    unasked: 'If you did not ask for it, do nothing.',
  },
};

/** Where a code is read aloud, it is digit by digit, and twice: there is no scrolling back in a call. */
export const codeLetter =
  (language: Language) =>
  ({ code, purpose }: MessageFacts['code']): Letter => {
    const { names, secret, validity, unasked } = wordsOf[language];
    const name = names[purpose];
    const spoken = `${name}: ${[...code].join(', ')}.`;
    return {
      subject: name,
      paragraphs: [`${name}:`, code, `${validity} ${secret}`, unasked],
      sms: `${name}: ${code}. ${secret}`,
      speech: `${spoken} ${spoken} ${secret}`,
    };
  };

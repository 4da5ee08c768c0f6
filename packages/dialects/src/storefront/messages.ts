import type { OwnWords } from '../words/index.ts';

/** What the document quotes, to the letter; it calls a customer a buyer. */
export const quoted = {
  email_taken: { uk: 'Email вже зайнятий' },
  phone_taken: { uk: 'Цей номер телефону вже зареєстровано' },
  account_taken: { uk: 'Email або телефон вже зайнятий' },
  credentials_wrong: { uk: 'Невірний логін або пароль' },
  refresh_token_invalid: { uk: 'Невірний або прострочений refresh токен' },
  reset_token_invalid: { uk: 'Невірний або прострочений токен відновлення' },
  reset_token_used: { uk: 'Токен вже використано або пароль був змінено' },
  phone_invalid: { uk: 'Invalid phone number format' },
  customer_not_found: {
    uk: 'Покупця не знайдено',
    ru: 'Покупатель не найден',
    ka: 'მყიდველი ვერ მოიძებნა',
    mn: 'Худалдан авагч олдсонгүй',
  },
} satisfies OwnWords;

import type { Language } from '@forecourt/dialects';

/** What is printed on receipts beside facts. */
export interface ReceiptWords {
  readonly title: string;
  readonly number: string;
  readonly device: string;
  readonly start: string;
  readonly end: string;
  readonly energy: string;
  readonly kilowattHour: string;
  readonly waiting: string;
  readonly minute: string;
  readonly total: string;
  readonly paid: string;
  readonly refunded: string;
  readonly owed: string;
  readonly signed: string;
}

export const receiptWords: Readonly<Record<Language, ReceiptWords>> = {
  uk: {
    title: 'Квитанція',
    number: 'Номер',
    device: 'Пристрій',
    start: 'Початок',
    end: 'Кінець',
    energy: 'Енергія',
    kilowattHour: 'кВт·год',
    waiting: 'Очікування після заряджання',
    minute: 'хв',
    total: 'Разом',
    paid: 'Сплачено',
    refunded: 'Повернено',
    owed: 'До сплати',
    signed: 'Підписані покази лічильника',
  },
  ru: {
    title: 'Квитанция',
    number: 'Номер',
    device: 'Устройство',
    start: 'Начало',
    end: 'Конец',
    energy: 'Энергия',
    kilowattHour: 'кВт·ч',
    waiting: 'Ожидание после зарядки',
    minute: 'мин',
    total: 'Итого',
    paid: 'Оплачено',
    refunded: 'Возвращено',
    owed: 'К оплате',
    signed: 'Подписанные показания счётчика',
  },
  ka: {
    title: 'ქვითარი',
    number: 'ნომერი',
    device: 'მოწყობილობა',
    start: 'დასაწყისი',
    end: 'დასასრული',
    energy: 'ენერგია',
    kilowattHour: 'კვტ·სთ',
    waiting: 'ლოდინი დამუხტვის შემდეგ',
    minute: 'წთ',
    total: 'სულ',
    paid: 'გადახდილია',
    refunded: 'დაბრუნებულია',
    owed: 'გადასახდელია',
    signed: 'მრიცხველის ხელმოწერილი ჩვენებები',
  },
  mn: {
    title: 'Төлбөрийн баримт',
    number: 'Дугаар',
    device: 'Төхөөрөмж',
    start: 'Эхэлсэн',
    end: 'Дууссан',
    energy: 'Эрчим хүч',
    kilowattHour: 'кВт·ц',
    waiting: 'Цэнэглэсний дараах хүлээлт',
    minute: 'мин',
    total: 'Нийт',
    paid: 'Төлсөн',
    refunded: 'Буцаасан',
    owed: 'Төлөх',
    signed: 'Тоолуурын гарын үсэгтэй заалт',
  },
  en: {
    title: 'Receipt',
    number: 'Number',
    device: 'Device',
    start: 'Start',
    end: 'End',
    energy: 'Energy',
    kilowattHour: 'kWh',
    waiting: 'Waiting after the charge',
    minute: 'min',
    total: 'Total',
    paid: 'Paid',
    refunded: 'Given back',
    owed: 'To be paid',
    signed: 'Signed readings of the meter',
  },
};

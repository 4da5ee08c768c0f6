import type { Violation, ViolationRule } from '@forecourt/errors';
import type { Language } from '../language.ts';

type Expected = Violation['expected'];
type Phrases = Readonly<Record<ViolationRule, (expected: Expected) => string>>;

/** A word for what was expected, and one for whatever has none. */
type Named = Readonly<Record<string, string>> & { readonly other: string };
const named = (words: Named, expected: Expected): string =>
  Object.hasOwn(words, String(expected)) ? (words[String(expected)] as string) : words.other;

const list = (expected: Expected): string => [expected].flat().join(', ');
/** A bound in words is a date. */
const isDate = (expected: Expected): boolean => typeof expected === 'string';
/** Two parts of a request that say the same thing differently. */
const contradicts = (expected: Expected): boolean => expected === 'contradiction';

const types = {
  uk: { string: 'рядок', number: 'число', boolean: 'true або false', object: 'об’єкт', array: 'список', other: 'інше' },
  ru: {
    string: 'строка',
    number: 'число',
    boolean: 'true или false',
    object: 'объект',
    array: 'список',
    other: 'иное',
  },
  ka: {
    string: 'ტექსტი',
    number: 'რიცხვი',
    boolean: 'true ან false',
    object: 'ობიექტი',
    array: 'სია',
    other: 'სხვა',
  },
  mn: {
    string: 'бичвэр',
    number: 'тоо',
    boolean: 'true эсвэл false',
    object: 'объект',
    array: 'жагсаалт',
    other: 'өөр',
  },
  en: { string: 'text', number: 'number', boolean: 'true or false', object: 'object', array: 'list', other: 'other' },
} satisfies Record<Language, Named>;

const formats = {
  uk: {
    email: 'Це не схоже на адресу електронної пошти',
    phone: 'Це не схоже на номер телефону',
    date: 'Такої дати немає, потрібна у вигляді РРРР-ММ-ДД',
    uuid: 'Це не ідентифікатор у вигляді UUID',
    other: 'Значення має інший вигляд',
  },
  ru: {
    email: 'Это не похоже на адрес электронной почты',
    phone: 'Это не похоже на номер телефона',
    date: 'Такой даты нет, нужна в виде ГГГГ-ММ-ДД',
    uuid: 'Это не идентификатор в виде UUID',
    other: 'У значения должен быть другой вид',
  },
  ka: {
    email: 'ეს ელფოსტის მისამართს არ ჰგავს',
    phone: 'ეს ტელეფონის ნომერს არ ჰგავს',
    date: 'ასეთი თარიღი არ არსებობს, საჭიროა სახით წწწწ-თთ-დდ',
    uuid: 'ეს არ არის UUID სახის იდენტიფიკატორი',
    other: 'მნიშვნელობას სხვა სახე უნდა ჰქონდეს',
  },
  mn: {
    email: 'Энэ нь цахим шуудангийн хаяг биш байна',
    phone: 'Энэ нь утасны дугаар биш байна',
    date: 'Ийм огноо байхгүй, ЖЖЖЖ-СС-ӨӨ хэлбэрээр бичнэ үү',
    uuid: 'Энэ нь UUID хэлбэрийн дугаар биш байна',
    other: 'Утга өөр хэлбэртэй байх ёстой',
  },
  en: {
    email: 'This does not look like an e-mail address',
    phone: 'This does not look like a phone number',
    date: 'There is no such date; it is written YYYY-MM-DD',
    uuid: 'This is not an id in the form of a UUID',
    other: 'The value should have another form',
  },
} satisfies Record<Language, Named>;

/** Numbers stand at the end, where no language bends the words around them. */
const phrases: Readonly<Record<Language, Phrases>> = {
  uk: {
    required: () => 'Це поле обов’язкове',
    unknown_field: () => 'Такого поля немає',
    type: (expected) => `Потрібен інший тип значення: ${named(types.uk, expected)}`,
    format: (expected) => named(formats.uk, expected),
    min_length: (expected) => `Закоротко, найменша довжина: ${expected}`,
    max_length: (expected) => `Задовго, найбільша довжина: ${expected}`,
    min_items: (expected) => `Замало значень, потрібно щонайменше: ${expected}`,
    max_items: (expected) => `Забагато значень, можна щонайбільше: ${expected}`,
    min: (expected) => (isDate(expected) ? `Зарання дата, найраніша: ${expected}` : `Замало, найменше: ${expected}`),
    max: (expected) =>
      isDate(expected) ? `Запізня дата, найпізніша: ${expected}` : `Забагато, найбільше: ${expected}`,
    integer: () => 'Потрібне ціле число',
    one_of: (expected) => `Можливі значення: ${list(expected)}`,
    unsafe_text: () => 'У тексті є недопустимі знаки',
    not_acceptable: (expected) => (contradicts(expected) ? 'Суперечить іншому полю' : 'Це значення не підходить'),
  },
  ru: {
    required: () => 'Это поле обязательно',
    unknown_field: () => 'Такого поля нет',
    type: (expected) => `Нужен другой тип значения: ${named(types.ru, expected)}`,
    format: (expected) => named(formats.ru, expected),
    min_length: (expected) => `Слишком коротко, наименьшая длина: ${expected}`,
    max_length: (expected) => `Слишком длинно, наибольшая длина: ${expected}`,
    min_items: (expected) => `Слишком мало значений, нужно не меньше: ${expected}`,
    max_items: (expected) => `Слишком много значений, можно не больше: ${expected}`,
    min: (expected) =>
      isDate(expected) ? `Слишком ранняя дата, самая ранняя: ${expected}` : `Слишком мало, наименьшее: ${expected}`,
    max: (expected) =>
      isDate(expected) ? `Слишком поздняя дата, самая поздняя: ${expected}` : `Слишком много, наибольшее: ${expected}`,
    integer: () => 'Нужно целое число',
    one_of: (expected) => `Возможные значения: ${list(expected)}`,
    unsafe_text: () => 'В тексте есть недопустимые знаки',
    not_acceptable: (expected) => (contradicts(expected) ? 'Противоречит другому полю' : 'Это значение не подходит'),
  },
  ka: {
    required: () => 'ეს ველი სავალდებულოა',
    unknown_field: () => 'ასეთი ველი არ არსებობს',
    type: (expected) => `საჭიროა სხვა ტიპის მნიშვნელობა: ${named(types.ka, expected)}`,
    format: (expected) => named(formats.ka, expected),
    min_length: (expected) => `ძალიან მოკლეა, უმცირესი სიგრძე: ${expected}`,
    max_length: (expected) => `ძალიან გრძელია, უდიდესი სიგრძე: ${expected}`,
    min_items: (expected) => `მნიშვნელობები ცოტაა, საჭიროა მინიმუმ: ${expected}`,
    max_items: (expected) => `მნიშვნელობები ბევრია, დასაშვებია მაქსიმუმ: ${expected}`,
    min: (expected) =>
      isDate(expected) ? `თარიღი ძალიან ადრეულია, უადრესი: ${expected}` : `ძალიან ცოტაა, უმცირესი: ${expected}`,
    max: (expected) =>
      isDate(expected) ? `თარიღი ძალიან გვიანია, უგვიანესი: ${expected}` : `ძალიან ბევრია, უდიდესი: ${expected}`,
    integer: () => 'საჭიროა მთელი რიცხვი',
    one_of: (expected) => `შესაძლო მნიშვნელობები: ${list(expected)}`,
    unsafe_text: () => 'ტექსტში დაუშვებელი ნიშნებია',
    not_acceptable: (expected) =>
      contradicts(expected) ? 'ეწინააღმდეგება სხვა ველს' : 'ეს მნიშვნელობა არ არის შესაფერისი',
  },
  mn: {
    required: () => 'Энэ талбарыг заавал бөглөнө',
    unknown_field: () => 'Ийм талбар байхгүй',
    type: (expected) => `Өөр төрлийн утга хэрэгтэй: ${named(types.mn, expected)}`,
    format: (expected) => named(formats.mn, expected),
    min_length: (expected) => `Хэт богино байна, хамгийн бага урт: ${expected}`,
    max_length: (expected) => `Хэт урт байна, хамгийн их урт: ${expected}`,
    min_items: (expected) => `Утга цөөн байна, хамгийн багадаа: ${expected}`,
    max_items: (expected) => `Утга олон байна, хамгийн ихдээ: ${expected}`,
    min: (expected) =>
      isDate(expected) ? `Хэт эрт огноо, хамгийн эрт нь: ${expected}` : `Хэт бага байна, хамгийн бага нь: ${expected}`,
    max: (expected) =>
      isDate(expected) ? `Хэт хожуу огноо, хамгийн хожуу нь: ${expected}` : `Хэт их байна, хамгийн их нь: ${expected}`,
    integer: () => 'Бүхэл тоо хэрэгтэй',
    one_of: (expected) => `Боломжит утгууд: ${list(expected)}`,
    unsafe_text: () => 'Бичвэрт зөвшөөрөгдөөгүй тэмдэгт байна',
    not_acceptable: (expected) => (contradicts(expected) ? 'Өөр талбартай зөрчилдөж байна' : 'Энэ утга тохирохгүй'),
  },
  en: {
    required: () => 'This field is required',
    unknown_field: () => 'There is no such field',
    type: (expected) => `The value should be of another type: ${named(types.en, expected)}`,
    format: (expected) => named(formats.en, expected),
    min_length: (expected) => `Too short, the least length is ${expected}`,
    max_length: (expected) => `Too long, the greatest length is ${expected}`,
    min_items: (expected) => `Too few values, the least number is ${expected}`,
    max_items: (expected) => `Too many values, the greatest number is ${expected}`,
    min: (expected) =>
      isDate(expected) ? `Too early, the earliest date is ${expected}` : `Too small, the least is ${expected}`,
    max: (expected) =>
      isDate(expected) ? `Too late, the latest date is ${expected}` : `Too great, the greatest is ${expected}`,
    integer: () => 'A whole number is needed',
    one_of: (expected) => `Possible values: ${list(expected)}`,
    unsafe_text: () => 'The text has characters that are not allowed',
    not_acceptable: (expected) =>
      contradicts(expected) ? 'Contradicts another field' : 'This value is not acceptable',
  },
};

/** What is wrong with a field, for the person who filled it in. */
export const phraseFor = ({ rule, expected }: Violation, language: Language): string =>
  phrases[language][rule](expected);

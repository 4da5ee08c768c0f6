import type { WordsFor } from './words.ts';

/** What is wrong with a request before anybody looks at what it asks for. */
export const request = {
  validation_failed: {
    uk: 'Перевірте введені дані',
    ru: 'Проверьте введённые данные',
    ka: 'შეამოწმეთ შეყვანილი მონაცემები',
    mn: 'Оруулсан мэдээллээ шалгана уу',
    en: 'Please check what you entered',
  },
  malformed_request: {
    uk: 'Запит не вдалося прочитати',
    ru: 'Запрос не удалось прочитать',
    ka: 'მოთხოვნის წაკითხვა ვერ მოხერხდა',
    mn: 'Хүсэлтийг уншиж чадсангүй',
    en: 'The request could not be read',
  },
  malformed_body: {
    uk: 'Тіло запиту не вдалося прочитати',
    ru: 'Тело запроса не удалось прочитать',
    ka: 'მოთხოვნის შიგთავსის წაკითხვა ვერ მოხერხდა',
    mn: 'Хүсэлтийн агуулгыг уншиж чадсангүй',
    en: 'The body of the request could not be read',
  },
  unsupported_media_type: {
    uk: 'Тип вмісту не підтримується',
    ru: 'Тип содержимого не поддерживается',
    ka: 'შიგთავსის ტიპი არ არის მხარდაჭერილი',
    mn: 'Агуулгын төрлийг дэмждэггүй',
    en: 'This content type is not supported',
  },
  payload_too_large: {
    uk: 'Запит завеликий',
    ru: 'Запрос слишком велик',
    ka: 'მოთხოვნა ძალიან დიდია',
    mn: 'Хүсэлт хэт том байна',
    en: 'The request is too large',
  },
  headers_too_large: {
    uk: 'Заголовки запиту завеликі',
    ru: 'Заголовки запроса слишком велики',
    ka: 'მოთხოვნის სათაურები ძალიან დიდია',
    mn: 'Хүсэлтийн толгой хэт том байна',
    en: 'The headers of the request are too large',
  },
  method_not_allowed: {
    uk: 'Метод не дозволено',
    ru: 'Метод не разрешён',
    ka: 'მეთოდი დაუშვებელია',
    mn: 'Энэ аргыг зөвшөөрөхгүй',
    en: 'This method is not allowed',
  },
  route_not_found: {
    uk: 'Такої адреси немає',
    ru: 'Такого адреса нет',
    ka: 'ასეთი მისამართი არ არსებობს',
    mn: 'Ийм хаяг байхгүй',
    en: 'There is no such address',
  },
  not_found: {
    uk: 'Не знайдено',
    ru: 'Не найдено',
    ka: 'ვერ მოიძებნა',
    mn: 'Олдсонгүй',
    en: 'Not found',
  },
  too_many_requests: {
    uk: 'Забагато запитів, спробуйте трохи пізніше',
    ru: 'Слишком много запросов, попробуйте немного позже',
    ka: 'მოთხოვნა ძალიან ბევრია, სცადეთ ცოტა მოგვიანებით',
    mn: 'Хэт олон хүсэлт илгээлээ, түр хүлээгээд дахин оролдоно уу',
    en: 'Too many requests, please try a little later',
  },
  request_timeout: {
    uk: 'Запит надходив надто довго',
    ru: 'Запрос поступал слишком долго',
    ka: 'მოთხოვნის მიღებას ძალიან დიდი დრო დასჭირდა',
    mn: 'Хүсэлт хэт удаан ирлээ',
    en: 'The request took too long to arrive',
  },
} satisfies WordsFor;

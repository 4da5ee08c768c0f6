-- What a mistyped word may have meant is found by each process in memory, among the words of what is sold.
DROP FUNCTION "words_like"(TEXT, TEXT[]);
DROP TABLE "search_word";

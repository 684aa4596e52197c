CREATE TABLE greetings (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  author text NOT NULL,
  words text NOT NULL
);

INSERT INTO greetings (author, words) VALUES ('migration 001', 'this row was put here before the first visit');

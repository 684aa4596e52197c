import { createServer } from 'node:http';
import pg from 'pg';
import { page } from './page.js';

const title = 'Greetings from Postgres';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });

const answer = async (response) => {
  const { rows } = await pool.query('SELECT author, words FROM greetings ORDER BY id');
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page({ title, greetings: rows }));
};

const server = createServer((_, response) => {
  answer(response).catch((error) => {
    console.error(error);
    response.writeHead(500, { 'content-type': 'text/plain' }).end('the database did not answer\n');
  });
});

server.listen(process.env.PORT ?? 5000, () => console.log(`guestbook listens on ${server.address().port}`));

process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  pool.end();
});

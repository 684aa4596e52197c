import { describe, expect, test } from 'vitest';
import { readAddresses, readMailServer } from '../../src/context/mail-server.ts';

const read = (text: string) => readMailServer(text, 'SMTP_URL');

describe('the SMTP URL', () => {
  test.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, tls: 'offered', login: undefined }],
    ['smtps://mail.example.com', { port: 465, tls: 'start' }],
    ['smtp://mail.example.com:25?requireTLS=true', { port: 25, tls: 'required' }],
    ['smtp://mail.example.com?ignoreTLS=true', { tls: 'none' }],
    ['smtp://me:pw@mail.example.com', { tls: 'required' }],
    ['smtp://me:pw@mail.example.com?requireTLS=false', { tls: 'offered' }],
    ['smtp://me:pw@localhost', { tls: 'offered' }],
    ['smtp://[::1]:25/?tls.rejectUnauthorized=false', { host: '::1', verifyCertificate: false }],
  ])('%s is read', (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  test('can have any character in its login, written as %XX', () => {
    const server = read('smtps://robot%40example.com:p%40%3A%2F%23ss@mail.example.com');
    const login = 'login' in server ? server.login : undefined;
    expect([login?.user, login?.password.reveal(), String(login?.password)]).toEqual([
      'robot@example.com',
      'p@:/#ss',
      '[SMTP_URL]',
    ]);
  });
});

describe('the problem with an SMTP URL never quotes the URL', () => {
  test.each([
    ['mail.example.com', 'not the URL of a mail server', 'smtp://login:password@host:587'],
    ['https://mail.example.com/s3cret', 'not the URL of a mail server', 'smtp://'],
    ['smtp://me:s3cret/x@mail.example.com', 'not the URL of a mail server', '%2F'],
    ['smtp://me:12#s3cret@mail.example.com', 'path or fragment after the host', '%23'],
    ['smtp://mail.example.com?requireTls=true', 'an unknown option', 'requireTLS?'],
    ['smtp://me:12?s3cret@mail.example.com', 'an unknown option', '? as'],
    ['smtp://me:?&s3cret=@mail.example.com', 'an unknown option', '%3F'],
    ['smtp://mail.example.com?requireTLS=yes', 'neither true nor false', '=true or =false'],
  ])('of %s', (text, message, remedy) => {
    const server = read(text);
    const problem = 'problem' in server ? server.problem : { message: 'none', remedy: '' };
    expect([problem.message, problem.remedy]).toEqual([
      expect.stringContaining(message),
      expect.stringContaining(remedy),
    ]);
    expect(JSON.stringify(problem)).not.toContain('s3cret');
  });
});

test.each([
  ['a@x.example, b@x.example', ['a@x.example', 'b@x.example'], undefined],
  ['Zoé <a@x.example>;b@x.example,', ['Zoé <a@x.example>', 'b@x.example'], undefined],
  ['a@x.example, team', ['a@x.example', 'team'], 'team'],
  [' , ', [], undefined],
])('the list of mail addresses %j is read as %j', (text, addresses, wrong) => {
  expect(readAddresses(text)).toEqual({ addresses, wrong });
});

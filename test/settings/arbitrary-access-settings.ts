import fc from 'fast-check';

const size = fc.constantFrom('1m', '50m', '2g', '0');
const time = fc.constantFrom('30s', '5m', '1m30s', '90');

/** Random entries of `proxy`, `basic_auth`, `allowed_ips`, `nginx` and `maintenance`, as the file may have them. */
export const accessEntries: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  // `false` cannot be combined with domains.
  proxy: fc.constantFrom(true, 'nginx'),
  basic_auth: fc.record({
    user: fc.constantFrom('team', 'crew', 'ops@example.com'),
    password: fc.constantFrom('one', 'two words', "it's"),
  }),
  allowed_ips: fc.subarray(['10.0.0.0/8', '192.0.2.1', '2001:DB8::/32', '::1'], { minLength: 1 }),
  nginx: fc.record(
    {
      'client-max-body-size': size,
      'proxy-read-timeout': time,
      hsts: fc.boolean(),
      'x-forwarded-for-value': fc.constantFrom('$$remote_addr', '$$http_x_real_ip'),
    },
    { requiredKeys: [] },
  ),
  maintenance: fc.boolean(),
};

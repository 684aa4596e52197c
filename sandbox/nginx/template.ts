import type { App, SandboxHost } from '../host/state.ts';
import { hasCertificate, type PortMap } from './port-maps.ts';
import { nginxProperty } from './properties.ts';

/** What an app's nginx.conf is made of. */
export interface Site {
  readonly app: App;
  readonly host: Pick<SandboxHost, 'state'>;
  /** The mappings that are served: those with https only if there is a certificate. */
  readonly ports: readonly PortMap[];
  readonly names: readonly string[];
  /** Whether a web process runs that requests can be passed to. */
  readonly hasListeners: boolean;
}

/** Returns an app's nginx.conf as Dokku's built-in template writes it for nginx 1.22, with its spaces and empty lines. */
export function renderNginxConf(site: Site): string {
  const blocks = site.ports.map((port) => {
    if (port.scheme === 'http' || port.scheme === 'https') return renderServer(site, port);
    return site.hasListeners && port.scheme.startsWith('grpc') ? renderGrpcServer(site, port) : '\n';
  });
  return squeezeEmptyLines(`\n${blocks.join('\n')}\n${renderUpstreams(site)}\n`);
}

function renderServer(site: Site, { scheme, host: port, container }: PortMap): string {
  const { app, hasListeners } = site;
  const isSecure = scheme === 'https';
  const isRedirect = !isSecure && port === '80' && hasCertificate(app);
  return `server {
  ${isSecure ? '\n  ' : ''}
${renderListen(site, port, isSecure ? ' ssl http2' : '')}
  
  ${isSecure ? '\n  ' : ''}
  ${site.names.length > 0 ? `server_name ${site.names.join(' ')}; ` : ''}
${renderLogs(site)}

${renderTimeouts(site)}

  ${isSecure ? `\n${renderCertificate(app)}\n  ` : ''}

${isRedirect ? renderRedirect(site) : renderLocations(site, { isSecure, container, hasListeners })}
}
`;
}

function renderListen(site: Site, port: string, options: string): string {
  const [ipv4, ipv6] = [propertyOf(site, 'bind-address-ipv4'), propertyOf(site, 'bind-address-ipv6')];
  return `  listen      [${ipv6}]:${port}${options};
  listen      ${ipv4 === '' ? '' : `${ipv4}:`}${port}${options};`;
}

function propertyOf({ app, host }: Site, key: string): string {
  return nginxProperty(app, host, key);
}

function renderLogs(site: Site): string {
  const path = propertyOf(site, 'access-log-path');
  const format = propertyOf(site, 'access-log-format');
  return `  access_log  ${path}${format !== '' && path !== 'off' ? ` ${format}` : ''};
  error_log   ${propertyOf(site, 'error-log-path')};
  underscores_in_headers ${propertyOf(site, 'underscore-in-headers')};`;
}

function renderTimeouts(site: Site): string {
  const keys = ['client-body-timeout', 'client-header-timeout', 'keepalive-timeout', 'lingering-timeout'];
  return [...keys, 'send-timeout']
    .map((key) => `  ${key.replaceAll('-', '_')} ${propertyOf(site, key)};`)
    .join('\n');
}

function renderCertificate({ name }: App): string {
  return `  ssl_certificate           /home/dokku/${name}/tls/server.crt;
  ssl_certificate_key       /home/dokku/${name}/tls/server.key;
  ssl_protocols             TLSv1.2 TLSv1.3;
  ssl_prefer_server_ciphers off;`;
}

function renderRedirect({ app }: Site): string {
  return `
  include /home/dokku/${app.name}/nginx.conf.d/*.conf;
  location / {
    return 301 https://$host:443$request_uri;
  }
`;
}

interface Location {
  readonly isSecure: boolean;
  readonly container: string;
  readonly hasListeners: boolean;
}

function renderLocations(site: Site, location: Location): string {
  const name = site.app.name;
  return `
  location    / {

${location.hasListeners ? renderProxyPass(site, location) : '    return 502;\n'}
  }

  client_max_body_size ${propertyOf(site, 'client-max-body-size')};

${renderErrorPage('400 401 402 403 405 406 407 408 409 410 411 412 413 414 415 416 417 418 420 422 423 424 426 428 429 431 444 449 450 451', '400')}

${renderErrorPage('404', '404')}

  
${renderErrorPage(`500 501 ${location.isSecure ? '' : '502 '}503 504 505 506 507 508 509 510 511`, '500', '  \n')}

  ${location.isSecure ? `\n${renderErrorPage('502', '502')}\n  ` : ''}
  include /home/dokku/${name}/nginx.conf.d/*.conf;
`;
}

function renderProxyPass(site: Site, { isSecure, container }: Location): string {
  const value = (key: string): string => propertyOf(site, key);
  const forwarded = value('x-forwarded-ssl');
  return `    gzip on;
    gzip_min_length  1100;
    gzip_buffers  4 32k;
    gzip_types    text/css text/javascript text/xml text/plain text/x-component application/javascript application/x-javascript application/wasm application/json application/graphql-response+json application/xml application/rss+xml font/truetype application/x-font-ttf font/opentype application/vnd.ms-fontobject image/svg+xml;
    gzip_vary on;
    gzip_comp_level  6;

    proxy_pass  http://${site.app.name}-${container};
    ${isSecure ? 'http2_push_preload on; ' : ''}
    proxy_http_version 1.1;
    proxy_connect_timeout ${value('proxy-connect-timeout')};
    proxy_read_timeout ${value('proxy-read-timeout')};
    proxy_send_timeout ${value('proxy-send-timeout')};
    proxy_buffer_size ${value('proxy-buffer-size')};
    proxy_buffering ${value('proxy-buffering')};
    proxy_buffers ${value('proxy-buffers')};
    proxy_busy_buffers_size ${value('proxy-busy-buffers-size')};
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For ${value('x-forwarded-for-value')};
    proxy_set_header X-Forwarded-Port ${value('x-forwarded-port-value')};
    proxy_set_header X-Forwarded-Proto ${value('x-forwarded-proto-value')};
    proxy_set_header X-Request-Start $msec;
    ${forwarded === '' ? '' : `proxy_set_header X-Forwarded-Ssl ${forwarded};`}
`;
}

function renderErrorPage(codes: string, page: string, between = ''): string {
  return `  error_page ${codes} /${page}-error.html;
${between}  location /${page}-error.html {
    root /var/lib/dokku/data/nginx-vhosts/dokku-errors;
    internal;
  }`;
}

function renderGrpcServer(site: Site, { scheme, host: port, container }: PortMap): string {
  const isSecure = scheme === 'grpcs';
  return `server {
  
${renderListen(site, port, isSecure ? ' ssl http2' : ' http2')}
  
  ${site.names.length > 0 ? `server_name ${site.names.join(' ')}; ` : ''}
${renderLogs(site)}

  ${isSecure ? `\n${renderCertificate(site.app)}\n  ` : ''}

  location    / {
    grpc_pass  grpc://${site.app.name}-${container};
  }

  client_max_body_size ${propertyOf(site, 'client-max-body-size')};
  include /home/dokku/${site.app.name}/nginx.conf.d/*.conf;
}
`;
}

function renderUpstreams(site: Site): string {
  if (!site.hasListeners) return '';
  const keepalive = propertyOf(site, 'proxy-keepalive');
  return [...new Set(site.ports.map(({ container }) => container))]
    .map(
      (port) => `upstream ${site.app.name}-${port} {
${keepalive === '' ? '' : `  keepalive ${keepalive};`}

  server 127.0.0.1:${site.app.web?.port ?? port};
}
`,
    )
    .join('\n');
}

/** Reduces each run of empty lines to one, like `cat -s`. Lines of spaces count as text. */
function squeezeEmptyLines(text: string): string {
  return text.replace(/\n{3,}/g, '\n\n');
}

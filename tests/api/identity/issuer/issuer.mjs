// A real issuer on a loopback port. It says its address in one line, and ends with its input.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const SCOPE = "rotations:round";

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), alg: "RS256", kid: "issuer-1", use: "sig" };
}

function organisation(number) {
  return { authority: "iso6523-actorid-upis", ID: `0192:${number}` };
}

function configuration() {
  return {
    clients: [
      {
        client_id: "municipality",
        client_secret: "made-up-for-one-test",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: "pages",
        client_secret: "made-up-for-the-pages",
        redirect_uris: ["http://127.0.0.1:8000/sign-in/openid/callback"],
      },
    ],
    extraTokenClaims: () => ({
      consumer: organisation("889640782"),
      supplier: organisation("974760673"),
    }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          audience: resource,
          jwt: { sign: { alg: "RS256" } },
          scope: SCOPE,
        }),
      },
    },
    jwks: { keys: [signingKey()] },
  };
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on("request", new Provider(issuer, configuration()).callback());
  process.stdout.write(`issuer ${issuer}\n`);
});
process.stdin.resume().on("end", () => process.exit());

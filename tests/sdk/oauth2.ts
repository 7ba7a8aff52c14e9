// A program as its author would write it for a provider: an OAuth 2.0 client gets a token, and the SDK takes it as its API key.
// What a deployment decides comes from the environment.
import { OAuth2Client } from "@badgateway/oauth2-client";
import OpenAI from "openai";

const { POSTERN_URL, POSTERN_CLIENT_ID, POSTERN_CLIENT_SECRET, POSTERN_GEMINI_URL } = process.env;

const oauth2 = new OAuth2Client({
  server: `${POSTERN_URL}/`,
  tokenEndpoint: "/oauth2/token",
  authenticationMethod: "client_secret_post",
  clientId: POSTERN_CLIENT_ID!,
  clientSecret: POSTERN_CLIENT_SECRET!,
});
const { accessToken } = await oauth2.clientCredentials();

const provider = new OpenAI({ apiKey: accessToken, baseURL: POSTERN_GEMINI_URL });
const answer = await provider.chat.completions.create({
  model: "gemini-2.0-flash",
  messages: [{ role: "user", content: "What is a postern?" }],
});
console.log("Result", answer);

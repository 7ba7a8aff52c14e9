// The documentation's program as it is printed there; only its constants come from the environment.
import OpenAI from "openai";

import { OAuth2Client } from "@badgateway/oauth2-client";

async function main() {
  const oauth2Client = new OAuth2Client({
    server: `${process.env.POSTERN_URL}/`,
    clientId: process.env.POSTERN_CLIENT_ID!,
    clientSecret: process.env.POSTERN_CLIENT_SECRET!,
    tokenEndpoint: "/oauth2/token",
    authenticationMethod: "client_secret_post",
  });

  const oauth2Creds = await oauth2Client.clientCredentials();

  const client = new OpenAI({
    apiKey: oauth2Creds.accessToken,
    baseURL: process.env.POSTERN_GEMINI_URL,
  });

  const chatCompletion = await client.chat.completions.create({
    messages: [
      { role: "user", content: "How do I write a Golang HTTP reverse proxy?" },
    ],
    model: "gemini-2.0-flash",
  });

  console.log("Result", chatCompletion);
}

await main();

// OpenAI's SDK for Node: whole answers, streams, and the errors that its callers can catch.
import assert from "node:assert/strict";
import { test } from "node:test";

import { OAuth2Client } from "@badgateway/oauth2-client";
import OpenAI from "openai";

const baseURL = process.env.POSTERN_GEMINI_URL;
const messages = [{ role: "user" as const, content: "Hello" }];
const model = "gemini-2.0-flash";

const oauth2Client = new OAuth2Client({
  server: `${process.env.POSTERN_URL}/`,
  clientId: process.env.POSTERN_CLIENT_ID!,
  clientSecret: process.env.POSTERN_CLIENT_SECRET!,
  // Finds the token endpoint by the metadata of RFC 8414.
  discoveryEndpoint: "/.well-known/oauth-authorization-server",
});
const { accessToken } = await oauth2Client.clientCredentials();
const client = new OpenAI({ apiKey: accessToken, baseURL });

test("a chat completion", async () => {
  const completion = await client.chat.completions.create({ messages, model });
  assert.equal(completion.choices[0]?.message.content, "Hello from the provider");
  assert.equal(completion.model, model);
  assert.ok(completion._request_id);
});

test("a streamed chat completion arrives bit by bit", async () => {
  const stream = await client.chat.completions.create({ messages, model, stream: true, stream_options: { include_usage: true } });
  const bits: string[] = [];
  let tokens = 0;
  for await (const chunk of stream) {
    const text = chunk.choices[0]?.delta.content;
    if (text) bits.push(text);
    tokens += chunk.usage?.total_tokens ?? 0;
  }
  assert.deepEqual(bits, ["Hello", " from", " the", " provider"]);
  assert.equal(tokens, 13);
});

test("a stream that its reader leaves early ends quietly", async () => {
  const stream = await client.chat.completions.create({ messages, model, stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    break;
  }
});

test("an unknown token is an AuthenticationError", async () => {
  const stranger = new OpenAI({ apiKey: "nobody", baseURL });
  await assert.rejects(stranger.chat.completions.create({ messages, model }), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.status, 401);
    assert.equal(error.code, "unauthenticated");
    assert.ok(error.requestID);
    return true;
  });
});

test("a model that the policy forbids is a PermissionDeniedError, and not tried again", async () => {
  await assert.rejects(client.chat.completions.create({ messages, model: "forbidden" }), OpenAI.PermissionDeniedError);
});

test("the provider's own errors pass", async () => {
  await assert.rejects(client.models.list(), OpenAI.NotFoundError);
});

// SDKs of three providers for Node, with keys of the gateway's where each has its place for one, and endpoints that hide the provider.
import assert from "node:assert/strict";
import { test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI } from "openai";

const url = process.env.POSTERN_URL!;
const apiKey = process.env.POSTERN_API_KEY!;
const messages = [{ role: "user" as const, content: "Hello" }];
const model = "gpt-4o";
const said = "Hello from the provider";

// The SDK sends its own key as well, which the gateway's template replaces.
const keyed = new OpenAI({ apiKey: "unused", baseURL: `${url}/keyed/v1`, defaultHeaders: { "api-key": "canary-key-at-the-gateway" } });

test("a key in api-key becomes the provider's Authorization", async () => {
  const completion = await keyed.chat.completions.create({ messages, model });
  assert.equal(completion.choices[0]?.message.content, said);
  const models = await keyed.models.list();
  assert.deepEqual(models.data.map(({ id }) => id), ["gpt-4o"]);
});

test("the same with a stream", async () => {
  const bits: string[] = [];
  for await (const chunk of await keyed.chat.completions.create({ messages, model, stream: true })) {
    const text = chunk.choices[0]?.delta.content;
    if (text) bits.push(text);
  }
  assert.deepEqual(bits, ["Hello", " from", " the", " provider"]);
});

test("another key is an AuthenticationError", async () => {
  const stranger = keyed.withOptions({ defaultHeaders: { "api-key": "another-key-at-the-gateway" } });
  await assert.rejects(stranger.models.list(), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.headers?.get("www-authenticate"), "API key is missing or invalid");
    return true;
  });
});

test("a client that sends only a prompt gets only the text", async () => {
  const body = { prompt: 'say "hi",\nthen leave' };
  const client = keyed.withOptions({ baseURL: url });
  assert.equal(await client.post("/prompt", { body }), said);
});

test("one endpoint for each provider", async () => {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    assert.equal(response.status, 200);
    return response.json();
  };
  const completion = (await post("/openai", { model, messages })) as OpenAI.ChatCompletion;
  assert.equal(completion.choices[0]?.message.content, said);
  const generated = (await post("/gemini", { contents: [{ role: "user", parts: [{ text: "Hello" }] }] })) as any;
  assert.equal(generated.candidates[0].content.parts[0].text, said);
  assert.equal((await fetch(`${url}/openaix`, { method: "POST" })).status, 404);
});

test("OpenAI's: the key as a bearer token", async () => {
  const client = new OpenAI({ apiKey, baseURL: `${url}/-/bearer/v1` });
  assert.equal((await client.chat.completions.create({ messages, model })).choices[0]?.message.content, said);
  await assert.rejects(client.withOptions({ apiKey: "nobody" }).models.list(), OpenAI.AuthenticationError);
});

test("OpenAI's for Azure: the key in api-key", async () => {
  const client = new AzureOpenAI({ apiKey, endpoint: `${url}/-/bearer`, apiVersion: "2024-10-21", deployment: "gpt" });
  assert.equal((await client.chat.completions.create({ messages, model })).choices[0]?.message.content, said);
});

test("Anthropic's: the key as a bearer token, as it is now, or in x-api-key, as it was", async () => {
  const client = new Anthropic({ apiKey, baseURL: `${url}/-/anthropic` });
  const message = await client.messages.create({ model: "claude", max_tokens: 10, messages });
  assert.deepEqual(message.content.map((block) => block.type === "text" && block.text), [said]);
  await assert.rejects(client.withOptions({ apiKey: "nobody" }).messages.create({ model: "claude", max_tokens: 10, messages }), Anthropic.AuthenticationError);
  const body = JSON.stringify({ model: "claude", max_tokens: 10, messages });
  const ask = (key: string) => fetch(`${url}/-/anthropic/v1/messages`, { method: "POST", headers: { "x-api-key": key }, body });
  assert.equal((await ask(apiKey)).status, 200);
  assert.equal((await ask("nobody")).status, 401);
});

test("Google's: the key in x-goog-api-key, or in the query", async () => {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${url}/-/google` } });
  assert.equal((await client.models.generateContent({ model: "gemini-flash", contents: "Hello" })).text, said);
  const body = JSON.stringify({ contents: [{ parts: [{ text: "Hello" }] }] });
  const ask = (query: string) => fetch(`${url}/-/google/v1beta/models/gemini-flash:generateContent?${query}`, { method: "POST", body });
  assert.equal((await ask(`alt=json&key=${apiKey}`)).status, 200);
  assert.equal((await ask("alt=json&key=nobody")).status, 401);
});

"""OpenAI's SDK for Python: whole answers, streams, and the errors that its callers can catch."""

import asyncio
import json
import os
import urllib.parse
import urllib.request

import openai

MESSAGES = [{"role": "user", "content": "Hello"}]
MODEL = "gemini-2.0-flash"
BASE_URL = os.environ["POSTERN_GEMINI_URL"]


def access_token() -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["POSTERN_CLIENT_ID"],
        "client_secret": os.environ["POSTERN_CLIENT_SECRET"],
    }
    url = os.environ["POSTERN_URL"] + "/oauth2/token"
    with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()) as response:
        return json.load(response)["access_token"]


def whole(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(messages=MESSAGES, model=MODEL)
    assert completion.choices[0].message.content == "Hello from the provider", completion
    assert completion._request_id, completion


def streamed(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(messages=MESSAGES, model=MODEL, stream=True)
    bits = [chunk.choices[0].delta.content for chunk in stream if chunk.choices and chunk.choices[0].delta.content]
    assert bits == ["Hello", " from", " the", " provider"], bits


async def streamed_async(token: str) -> None:
    async with openai.AsyncOpenAI(api_key=token, base_url=BASE_URL) as client:
        stream = await client.chat.completions.create(messages=MESSAGES, model=MODEL, stream=True)
        bits = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices and chunk.choices[0].delta.content]
    assert bits == ["Hello", " from", " the", " provider"], bits


def errors(client: openai.OpenAI) -> None:
    try:
        openai.OpenAI(api_key="nobody", base_url=BASE_URL).chat.completions.create(messages=MESSAGES, model=MODEL)
        raise AssertionError("an unknown token was accepted")
    except openai.AuthenticationError as error:
        assert error.status_code == 401 and error.code == "unauthenticated" and error.request_id, error
    try:
        client.chat.completions.create(messages=MESSAGES, model="forbidden")
        raise AssertionError("a forbidden model was allowed")
    except openai.PermissionDeniedError as error:
        assert error.code == "forbidden", error


def main() -> None:
    token = access_token()
    with openai.OpenAI(api_key=token, base_url=BASE_URL) as client:
        whole(client)
        streamed(client)
        errors(client)
    asyncio.run(streamed_async(token))


main()

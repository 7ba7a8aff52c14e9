"""SDKs of three providers for Python, with keys of the gateway's where each has its place for one."""

import os

import anthropic
import openai
from google import genai

URL = os.environ["POSTERN_URL"]
API_KEY = os.environ["POSTERN_API_KEY"]
MESSAGES = [{"role": "user", "content": "Hello"}]
SAID = "Hello from the provider"


def chain() -> None:
    """The SDK sends its own key as well, which the gateway's template replaces."""
    headers = {"api-key": "canary-key-at-the-gateway"}
    with openai.OpenAI(api_key="unused", base_url=f"{URL}/keyed/v1", default_headers=headers) as client:
        completion = client.chat.completions.create(messages=MESSAGES, model="gpt-4o")
        assert completion.choices[0].message.content == SAID, completion
        assert [model.id for model in client.models.list()] == ["gpt-4o"]
        stream = client.chat.completions.create(messages=MESSAGES, model="gpt-4o", stream=True)
        bits = [chunk.choices[0].delta.content for chunk in stream if chunk.choices and chunk.choices[0].delta.content]
        assert bits == ["Hello", " from", " the", " provider"], bits
        try:
            client.with_options(default_headers={"api-key": "another-key-at-the-gateway"}).models.list()
            raise AssertionError("an unknown key was accepted")
        except openai.AuthenticationError as error:
            assert error.response.headers["www-authenticate"] == "API key is missing or invalid", error
        prompt = {"prompt": 'say "hi",\nthen leave'}
        assert client.with_options(base_url=URL).post("/prompt", body=prompt, cast_to=str) == SAID


def places() -> None:
    with openai.OpenAI(api_key=API_KEY, base_url=f"{URL}/-/bearer/v1") as client:
        assert client.chat.completions.create(messages=MESSAGES, model="gpt-4o").choices[0].message.content == SAID
    azure = openai.AzureOpenAI(api_key=API_KEY, azure_endpoint=f"{URL}/-/bearer", api_version="2024-10-21", azure_deployment="gpt")
    with azure as client:
        assert client.chat.completions.create(messages=MESSAGES, model="gpt-4o").choices[0].message.content == SAID
    with anthropic.Anthropic(api_key=API_KEY, base_url=f"{URL}/-/anthropic") as client:
        message = client.messages.create(model="claude", max_tokens=10, messages=MESSAGES)
        assert [block.text for block in message.content] == [SAID], message
    client = genai.Client(api_key=API_KEY, http_options={"base_url": f"{URL}/-/google"})
    assert client.models.generate_content(model="gemini-flash", contents="Hello").text == SAID


chain()
places()

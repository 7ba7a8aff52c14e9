"""`lua5.1 FILE`, and `lua5.1 -v`, by the PUC Lua 5.1 in the package lupa: for machines that have Python and not that program."""

import sys

from lupa import lua51

# As lua.c of Lua 5.1 does: an error that is nil is none, and one without a text is told by that.
RUN = """
python = nil
local pcall, type, stderr = pcall, type, io.stderr
local chunk, message = loadfile(...)
local is_good = false
if chunk then is_good, message = pcall(chunk) end
if is_good or message == nil then return end
local has_text = type(message) == "string" or type(message) == "number"
stderr:write("lua5.1: ", has_text and message or "(error object is not a string)", "\\n")
"""

if sys.argv[1] == "-v":
    print("Lua %d.%d" % lua51.LUA_VERSION)
else:
    lua51.LuaRuntime(register_eval=False, register_builtins=False).execute(RUN, sys.argv[1])

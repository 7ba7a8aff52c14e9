-- Strings, numbers, comments, names.
print("a\tb\\n\"'", 'single "double"', "\65\066\0671", "line \
continued", "bell:\a|", "\x41")
print([[long
second]], [==[
first newline is dropped ]] ]=] here]==], [[]], [=[]]]=])
print(#"\0\1\2", #[[
]], #"\r\n")
--[[ a long
comment ]] print("after a comment") --[==[ another ]] ]==] print("and another")
--[ not long
print(1, 1., .5, 3.25, 1e2, 1E-2, 1e+3, 0x10, 0XfF, 0xA, 314.16e-2, 0.31416E1, 1e308 * 10)
local _x1, X_2, __ = 1, 2, 3 print(_x1, X_2, __)
local t = {f = 1}; print(t . f, t
  ["f"])
print(1--comment
+2)
do end;(print)("a semicolon ends a statement")
print(10 .. 20, 1 ..'', 'a'..'b'..'c')
print(2^-3, -2^2, 2^3^2, not nil == true, -3 - -3)

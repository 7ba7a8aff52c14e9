local x = 1
do local x = 2 print(x) do local x = 3 print(x) end print(x) end
print(x)
local function f() return x end
local x = 10
print(f(), x)
for x = 1, 2 do local x = x * 10 print(x) end
print(x)
local i = 0
repeat local done = i >= 2 i = i + 1 until done
print(i)
if true then local y = 1 end print(y)
while true do local z = 1 if z then break end end print(z)
local function g() local function h() return x end x = 20 return h end
print(g()(), x)
local a = 1 local function outer() local function inner() a = a + 1 return a end return inner() + inner() end
print(outer(), a)
function globalf() return "global" end print(globalf())
do local function globalf() return "local" end print(globalf()) end
print(globalf())
local rec = function(n) if n == 0 then return 0 end return rec end
print(rec(1))
local function rec2(n) if n == 0 then return "done" end return rec2(n - 1) end
print(rec2(5))
local t = {} function t.a() return "t.a" end function t.b(self) return self == t end function t:c(...) return self == t, ... end
print(t.a(), t:b(), t:c(1, 2))
t.n = {m = {}} function t.n.m.deep(x) return x end function t.n.m:self() return self == t.n.m end
print(t.n.m.deep(5), t.n.m:self())

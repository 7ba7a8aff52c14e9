local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end end
local inc, get = counter() local inc2 = counter()
print(inc(), inc(), inc2(), get())
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
local gs = {} local j = 0
while j < 3 do j = j + 1 local k = j gs[j] = {function() k = k + 1 return k end, function() return k end} end
print(gs[1][1](), gs[1][1](), gs[1][2](), gs[2][2](), gs[3][1]())
local hs = {} local m = 0
repeat m = m + 1 local c = m hs[m] = function() c = c * 2 return c end until c >= 3
print(hs[1](), hs[2](), hs[2](), hs[3]())
for _, v in ipairs{"a", "b"} do hs[v] = function() v = v .. v return v end end
print(hs.a(), hs.a(), hs.b())
local function shared() local v = 1 local function a() v = v + 1 end local function b() return v end a() return a, b end
local a, b = shared() a() print(b())
local function nest(x) return function(y) return function(z) x = x + 1 return x + y + z end end end
local n = nest(1)(10) print(n(100), n(100))
local function loop() local out = {} for i = 1, 5 do if i == 3 then break end out[i] = function() return i end end return out end
local l = loop() print(l[1](), l[2](), l[3])
local function early(n) local captured = n local f = function() captured = captured + 1 return captured end if n > 1 then return f end return f() end
print(early(1), early(5)())
local x = 1 local function setx(v) x = v end setx(5) print(x) x = 6 local function getx() return x end print(getx())
local function va(...) local args = {...} return function(i) return args[i] end end print(va("p", "q")(2))
local function fib() local memo = {} local function f(n) if n < 2 then return n end local m = memo[n] if m then return m end m = f(n - 1) + f(n - 2) memo[n] = m return m end return f end
print(fib()(80))
local acc = {} for i = 1, 3 do for k = 1, 2 do local s = i * 10 + k acc[#acc + 1] = function() s = s + 1 return s end end end
print(acc[1](), acc[1](), acc[6](), acc[3]())
do local a1 local function f1() return a1 end a1 = "late" print(f1()) end
print((function(...) local a, b = ... return function() return b, a end end)(1, 2)())

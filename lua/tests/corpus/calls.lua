local function f(a, b) return a, b end
print(f(1), f(1, 2, 3)) print((f(1, 2)))
print(type(f), f == f, f ~= function() end)
local s = "call with a string" local function id(x) return x end print(id"s", id[[long]], id{1}[1], #id{1, 2})
local o = {v = 1, get = function(self, n) return self.v + (n or 0) end, me = function(self) return self end}
print(o:get(), o:get(5), o.get(o, 6), o:me():me():get(1), o:me().v, (o:me()).v)
print(o["get"](o), ({g = function(self) return "g" end}):g())
local function tail(n) if n == 0 then return "tail" end return tail(n - 1) end print(tail(10000))
local function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
local ok = pcall(even, 3) print(ok)
function even2(n) if n == 0 then return true end return odd2(n - 1) end function odd2(n) if n == 0 then return false end return even2(n - 1) end
print(even2(5001), odd2(5001))
local function ack(m, n) if m == 0 then return n + 1 elseif n == 0 then return ack(m - 1, 1) else return ack(m - 1, ack(m, n - 1)) end end
print(ack(2, 3))
local function multi() return 1, 2, 3 end
print(multi(), multi()) print(({multi(), multi()})[4], #{multi(), multi()}, #{(multi())}, #{multi(), nil})
local function chain() return {next = function() return {value = function() return "end" end} end} end
print(chain().next().value())
print((function() return 1 end)(), (function(...) return select('#', ...) end)(nil, nil))
local t = {f = {g = {h = function(self, x) return x end}}} print(t.f.g:h(3), t.f.g.h(nil, 4))
do local r = {} for i = 1, 5 do r[#r + 1] = (i % 2 == 0 and f or id)(i) end print(r[1], r[2], r[5]) end
print(pcall(pcall)) print(pcall(pcall, error)) print(pcall(pcall, pcall, error, "x")) print(pcall(error)) print(pcall(f, 1, 2))
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end print(deep(150))
local function ret0() return end local function ret1() return nil end print(ret0(), ret1()) print(select('#', ret0()), select('#', ret1()))
print(type(print), type(nil), type({}), type("x"), type(2), type(false)) print(pcall(type))
local a = {} a.b = {} function a.b.c(...) return ... end print(a.b.c(1, 2), a.b["c"](3))

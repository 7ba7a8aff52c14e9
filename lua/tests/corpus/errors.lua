-- Messages: what is named, and where.
local t, s, n, b = {}, "str", 5, true local up
local function try(f, ...) print(pcall(f, ...)) end
try(function() local x x.y = 1 end) try(function() local x return x.y end) try(function() return up.x end) try(function() up.x = 1 end) try(function() return glob.x end) try(function() glob.x.y = 1 end)
try(function() return t.a.b end) try(function() return t.a.b.c end) try(function() t.a.b = 1 end) try(function() return t[1].x end) try(function() return t["q"].x end) try(function() local i = "k" return t[i].x end)
try(function() glob() end) try(function() t.f() end) try(function() t:m() end) try(function() local l l() end) try(function() up() end) try(function() (5)() end) try(function() ("s")() end) try(function() t.a.b() end) try(function() t[1]() end) try(function() (nil)() end)
try(function() n.x = 1 end) try(function() b.x = 1 end) try(function() return n.x end) try(function() return (5).x end) try(function() return n.x.y end) try(function() n:m() end) try(function() return (function() end).x end)
try(function() return t + 1 end) try(function() return 1 + t end) try(function() return s + 1 end) try(function() return -t end) try(function() return t.x * 2 end) try(function() return 2 ^ glob end) try(function() return "abc" % 2 end) try(function() return nil - nil end) try(function() return up / 2 end) try(function() local a, c = 1 return a + c end) try(function() return -"x" end) try(function() return 10 + "1x" end)
try(function() return #nil end) try(function() return #5 end) try(function() return #t.x end) try(function() local l = 5 return #l end) try(function() return #glob end)
try(function() return 1 < "2" end) try(function() return t < t end) try(function() return nil < 1 end) try(function() return {} <= {} end) try(function() return "a" > 1 end) try(function() return b >= b end) try(function() return 1 >= nil end) try(function() return print < print end) try(function() return t < 1 end)
try(error) try(error, nil) try(error, "msg") try(error, "msg", 0) try(error, 42) try(error, b) try(error, "msg", 2)
try(function() error() end) try(function() error("m") end) try(function() error("m", 0) end) try(function() error("m", 1) end) try(function() error("m", 2) end) try(function() error("m", 3) end) try(function() error(42) end) try(function() error("m", nil) end)
local function lvl(l) error("level " .. l, l) end try(function() lvl(1) end) try(function()
  lvl(2) end) try(function() local function w() lvl(3) end
  w() end) try(function() lvl(9) end)
print(select(2, pcall(error, t)) == t) local ok, e = pcall(function() error({code = 7}) end) print(ok, type(e), e.code)
try(assert, false) try(assert, nil, "text") try(assert, 1, 2, 3) try(assert) try(assert, false, 5) try(assert, false, {}) try(function() assert(false) end) try(function() assert(nil, "no position") end) print(assert(1, "two", nil))
try(function() local ok, e = pcall(error, "inner") error("outer " .. e, 0) end) try(pcall, error, "x") try(pcall) try(function() return pcall(error, "y") end)
try(tostring) try(tonumber) try(tonumber, "x", 99) try(tonumber, {}, 10) try(tonumber, {}, 2) try(select) try(select, "x") try(select, {}) try(function() tostring() end) try(function() local ts = tostring ts() end) try(ipairs, 5) try(function() ipairs() end) try(math.floor) try(function() math.floor("x") end) try(function() math.max() end) try(math.random, 0) try(function() math.random(2, 1) end) try(math.random, 1, 2, 3)
try(function() for i = 1, 10, {} do end end) try(function() for i = nil, 1 do end end) try(function() t[nil] = 1 end)
local function a() local x = nil; return x.field end local function c() return (a()) end try(c) try(function()
  local x = 1

  return x.y.z
end)
try(function() local t = {} t.x.y.z = 1 end) try(function() return t.x.y.z end) try(function() local a = {} ; return a.b.c end) try(function(p) return p.x end) try(function(p, ...) local q = ... return q.x end)
try(function() return math.nofunc() end) try(function() nomodule.f() end) try(function() t.x.f() end) try(function() t:x():y() end) try(function() local o = {m = 1} o:m() end) try(function() local o = {m = 1} o.m() end)
try(function() local a = t a.b.c = 1 end) try(function() local f = t.f f() end) try(function() return (t.x or t.y).z end) try(function() return (t.x and t.y).z end) try(function() if t.x.y then end end) try(function() while up.x do end end) try(function() return {up.x} end) try(function() return up[up] end) try(function() print(up.x) end)
